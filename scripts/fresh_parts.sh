#!/bin/bash
# What `make fresh` and CI run inside a clean root, as root, in a clone of the project: fresh_parts.sh PART...
# Every part runs, also after one has failed; at the end there is a line for each, and the closing lines of its tests.
set -uo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive
export CI=true # tests that tests/left_out.txt does not list may not be left out
before=$(dpkg-query -W -f '${Package}\n' | wc -l)

fail() {
    echo "FAILED: $*"
    return 1
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
part_user() { # as an ordinary user who may use sudo
    with_sudo make demo || return
    wants "1 program refused (kernel $(uname -r))" || return
    with_sudo make setup || return
    with_sudo .venv/bin/python -m pytest -n 2 -m "not vm and not slow" tests/unit/capture tests/unit/lab tests/cli
}
part_install() { scripts/fresh_install.sh; } # README's words; the wheel with pip, pipx and uv

# ---- what CI runs besides ------------------------------------------------------------------------------------------
part_lint() { make lint; }
part_slow() { .venv/bin/python -m pytest -m slow tests/cli tests/unit/log; } # what `make test` leaves out, in a root that `test` set up
part_compilers() { make test-compilers CLANGS='13|16|19'; } # 15 says what 14 and 16 say, and each takes minutes
part_lab() { make lab-small; }
# The same inputs each time: what fails here is what a commit broke. `make fuzz` looks for what is new.
part_fuzz() { make fuzz SECONDS_OF_FUZZING=300 FUZZER='-seed=1 -runs=8000'; }

sizes() {
    echo "packages: $(($(dpkg-query -W -f '${Package}\n' | wc -l) - before)) more than the minimal system's $before," \
        "$(dpkg-query -W -f '${Installed-Size}\n' | awk '{ sum += $1 } END { print int(sum / 1000) }') MB together;" \
        ".venv: $(du -sm .venv | cut -f1) MB"
}

status=0
log=$(mktemp)
summary=()
for part in "$@"; do
    echo "== $part"
    started=$SECONDS
    said=passed
    : >"$log"
    "part_$part" > >(tee -a "$log") 2>&1 || { said=FAILED; status=1; }
    wait $! # for tee
    summary+=("$(printf '%-10s %s, %d s' "$part" "$said" $((SECONDS - started)))")
    while read -r line; do summary+=("$line"); done < <(grep -E '^(packages:|[0-9]+ (passed|failed|error|skipped).* in )' "$log")
done
. /etc/os-release
echo "== $PRETTY_NAME: $([ $status = 0 ] && echo everything passed || echo something FAILED)"
printf '%s\n' "${summary[@]}"
exit $status
