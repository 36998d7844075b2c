#!/bin/bash
# What `make fresh` and CI run inside a clean root, as root, in a clone of the project: fresh_parts.sh PART...
# Every part runs, also after one has failed; at the end there is a line for each, and the closing lines of its tests.
# PART+PART: both at once, for those that use one core each and do not look at each other's work.
set -uo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive
export CI=true # tests that tests/left_out.txt does not list may not be left out
before=$(dpkg-query -W -f '${Package}\n' | wc -l)

fail() {
    echo "FAILED: $*"
    return 1
}
# What reads texts and documents, and does the same for every user: it starts nothing and loads nothing.
TEXTS=(large_texts printed_commands documents english log pieces not_a_log streams explain common_questions)
# What is worked out from stored logs, so that neither a compiler nor a kernel has a part in it; test_answers.py stays,
# as it compares most of what is said of each case.
STORED=(bcc_words causes examples newer_kernels outcomes poor_logs stored_logs topics)
without() { # without FOLDER NAME...: pytest's options
    local folder=$1
    shift
    printf -- "--ignore=$folder/test_%s.py\n" "$@"
}
wants() { # wants TEXT: it is in the output of this part so far
    for _ in 1 2 3 4 5; do # tee may be a moment late
        ! grep -qF -- "$1" "$log" || return 0
        sleep 0.2
    done
    fail "it does not say: $1"
}

# ---- what a user does ----------------------------------------------------------------------------------------------
user() { # user NAME COMMAND...: as an ordinary user, in a clone of their own, without a terminal
    local name=$1 home=/home/$1
    shift
    if ! id "$name" >/dev/null 2>&1; then
        useradd --create-home --shell /bin/bash "$name"
        git clone -q --no-hardlinks . "$home/bpfdoctor" && chown -R "$name:" "$home/bpfdoctor" || return
    fi
    (cd "$home/bpfdoctor" && setpriv --reuid "$name" --regid "$name" --init-groups --inh-caps=-all \
        env HOME="$home" USER="$name" LOGNAME="$name" PATH=/usr/local/bin:/usr/bin:/bin "$@")
}
with_sudo() { # an ordinary user who may use sudo without a password
    install_package sudo
    echo 'Defaults env_keep += "http_proxy https_proxy no_proxy"' >/etc/sudoers.d/proxies
    echo 'dev ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/dev
    user dev "$@"
}
install_package() {
    command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }
}

part_no_rights() { # packages are missing, and this user may not install them: a sentence, exit 2
    user guest make demo && return 1
    wants "there is no sudo here. As root, run: apt-get update && apt-get install" || return
    install_package sudo
    user guest make demo && return 1
    wants "sudo asks for a password. Please run: sudo apt-get update && sudo apt-get install"
}
part_demo() {
    make demo || return
    wants "error[BD101] packet-bounds" || return
    wants "1 program refused (kernel $(uname -r))" || return
    dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' | grep -E '^ii *(linux-image|initramfs|dracut)' && fail "it brings a kernel image"
    sizes
}
part_test() { make test && sizes; }
# In a second Debian: another Python, clang, BCC, bpftool and libbpf; the kernel and the stored logs are the same.
part_test_newer() {
    local status=0
    make setup || return
    pytest tests/unit || status=1
    pytest tests --ignore=tests/unit $(without tests/corpus "${STORED[@]}") || status=1
    sizes
    return $status
}
pytest() { .venv/bin/python -m pytest -n auto --dist worksteal -m "not vm and not slow" "$@"; }
part_user() { # as an ordinary user who may use sudo
    with_sudo make demo || return
    wants "1 program refused (kernel $(uname -r))" || return
    with_sudo make setup || return
    with_sudo .venv/bin/python -m pytest -n 2 --dist worksteal -m "not vm and not slow" \
        tests/unit/capture tests/unit/lab tests/cli $(without tests/cli "${TEXTS[@]}")
}
part_install() { scripts/fresh_install.sh; } # README's words; the wheel with pip, pipx and uv

# ---- what CI runs besides ------------------------------------------------------------------------------------------
part_lint() { make lint; }
part_slow() { .venv/bin/python -m pytest -n auto --dist worksteal -m slow tests/cli tests/unit/log; } # what `make test` leaves out, in a root that `test` set up
# 15 says what 14 and 16 say, and each takes minutes; 19 is the compiler of Debian 13, where all tests run with it.
part_compilers() { make test-compilers CLANGS='13|16'; }
part_site() { make test-site; }
part_lab() { make lab-small; }
# The same inputs each time: what fails here is what a commit broke. `make fuzz` looks for what is new.
part_fuzz() { make fuzz SECONDS_OF_FUZZING=300 FUZZER='-seed=1 -runs=8000'; }

# action.yml from its first step, as on a runner: a user with sudo, a fresh repository, a folder of it with a blank in its
# name, this kernel and one in a VM.
part_action() {
    with_sudo make setup || return
    user dev bash -c 'git init -q ~/it && mkdir ~/it/bpf\ programs &&
        cp corpus/cases/packet-bounds/dns-header-not-checked/prog.bpf.c ~/it/bpf\ programs/short.bpf.c' || return
    user dev .venv/bin/python -m scripts.run_action /home/dev/it working-directory='bpf programs' paths="'*.bpf.c'" \
        kernels=host,7.3 upload-sarif=true fail-on=never || return
    wants "file=bpf programs/short.bpf.c,line=" || return
    wants "refused=1" || return
    wants "❌ packet-bounds | ❌ packet-bounds |" || return
    wants "uses github/codeql-action/upload-sarif"
}

sizes() {
    echo "packages: $(($(dpkg-query -W -f '${Package}\n' | wc -l) - before)) more than the minimal system's $before," \
        "$(dpkg-query -W -f '${Installed-Size}\n' | awk '{ sum += $1 } END { print int(sum / 1000) }') MB together;" \
        ".venv: $(du -sm .venv | cut -f1) MB"
}

run() { # run PART: its output, and in $log as well; in $log.said what became of it and how long it took
    local started=$SECONDS said=passed
    echo "== $1"
    : >"$log"
    "part_$1" > >(tee -a "$log") 2>&1 || said=FAILED
    wait $! # for tee
    printf '%-11s %s, %d s\n' "$1" "$said" $((SECONDS - started)) >"$log.said"
    [ $said = passed ]
}

status=0
logs=$(mktemp -d)
summary=()
for group in "$@"; do
    IFS=+ read -ra parts <<<"$group"
    beside=()
    for part in "${parts[@]:1}"; do # what runs beside the first is shown after it
        (log=$logs/$part && run "$part" >"$log.out" 2>&1) &
        beside+=($!)
    done
    log=$logs/${parts[0]}
    run "${parts[0]}" || status=1
    for child in "${beside[@]}"; do wait "$child" || status=1; done
    for part in "${parts[@]:1}"; do cat "$logs/$part.out"; done
    for part in "${parts[@]}"; do
        summary+=("$(cat "$logs/$part.said")")
        while read -r line; do summary+=("$line"); done < <(grep -E '^(packages:|[0-9]+ (passed|failed|error|skipped).* in )' "$logs/$part")
    done
done
rm -r "$logs"
. /etc/os-release
echo "== $PRETTY_NAME: $([ $status = 0 ] && echo everything passed || echo something FAILED)"
printf '%s\n' "${summary[@]}"
exit $status
