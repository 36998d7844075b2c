#!/bin/bash
# Installs bpfdoctor in the words of README, as root and as an ordinary user with sudo, then from its wheel with pip,
# pipx and uv, and wants a diagnosis each time. Changes the system it runs on: only for a clean one, as root:
#
#     scripts/clean_root.sh bookworm scripts/fresh_install.sh
#
# The commands are read from README itself, so that they cannot differ from what users are told.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "fresh install: this needs root, and a system of its own" >&2; exit 2; }

user=newcomer
export DEBIAN_FRONTEND=noninteractive
step() { echo "== fresh install: $*"; }
fail() { echo "fresh install: $*" >&2; exit 1; }

# The console blocks of README's Install: the commands that install, those that try it out.
block() { # block NUMBER
    awk -v wanted="$1" '
        /^## / { inside = /^## Install$/ }
        inside && /^```console$/ { number++; shown = 1; next }
        /^```$/ { shown = 0 }
        shown && number == wanted && sub(/^\$ /, "")' README.md
}
# Text of README in backticks, by its beginning.
named() { grep -oE "\`$1[^\`]*\`" README.md | head -n 1 | tr -d '`'; }

# What a command line must say and end with; the third one loads, where this kernel lets us.
try_out() { # try_out RUN...
    local out status number=0 line
    while IFS= read -r line; do
        number=$((number + 1)) status=0
        out=$("$@" "$line" 2>&1) || status=$?
        echo "\$ $line"
        echo "$out" | head -n 3
        case $number in
            1) [[ $status = 1 && $out == *"uninitialized-register"* ]] ;;
            2) [[ $status = 0 && $out == *"compile"* ]] ;;
            *) [[ $status = 1 && $out == *"error[BD101] packet-bounds"*"24 │   if (udp->dest"* ]] ;;
        esac || { echo "$out" >&2; fail "status $status from: $line"; }
    done < <(block 2)
    [ $number = 3 ] || fail "README's Install has $number commands to try, not 3"
}

# ---- as an ordinary user with sudo -----------------------------------------------------------------------------------
# What a person would confirm is confirmed; what says how to reach packages passes sudo.
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/95-fresh-install
apt-get update -qq
apt-get install -y -qq --no-install-recommends sudo >/dev/null
id $user >/dev/null 2>&1 || useradd --create-home --shell /bin/bash $user
{
    echo "$user ALL=(ALL) NOPASSWD: ALL"
    echo 'Defaults env_keep += "PIP_* UV_* SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE DEBIAN_FRONTEND"'
    echo 'Defaults env_keep += "http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY"'
} >/etc/sudoers.d/fresh-install
home=$(getent passwd $user | cut -d: -f6)
[ ! -f ~/.config/pip/pip.conf ] || install -D -o $user -g $user ~/.config/pip/pip.conf "$home/.config/pip/pip.conf"
checkout=$home/bpfdoctor
git clone -q --no-hardlinks . "$checkout"
chown -R $user: "$home"

# A new login's environment, apart from what says how to reach packages.
as_user() {
    (
        cd "$checkout"
        exec setpriv --reuid $user --regid $user --init-groups env HOME="$home" USER=$user LOGNAME=$user \
            PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games bash -c "$1" </dev/null
    )
}

step "README's words, as an ordinary user"
block 1 | while IFS= read -r line; do
    echo "\$ $line"
    as_user "$line" >/tmp/fresh-install.log 2>&1 || { cat /tmp/fresh-install.log >&2; fail "failed: $line"; }
done
try_out as_user
left=$(find "$checkout" ! -user $user)
[ -z "$left" ] || fail "installing left files of root in the user's checkout:" $left
[[ $(as_user 'bpfdoctor explain packet-bounds') == *"## Fails"* ]] || fail "explain has no page"

step "README's words, as root without sudo"
as_root() { (cd "$checkout" && PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "${1//sudo /}" </dev/null); }
rm -rf /opt/bpfdoctor /usr/local/bin/bpfdoctor
git config --global --add safe.directory "$checkout"
block 1 | while IFS= read -r line; do
    as_root "$line" >/tmp/fresh-install.log 2>&1 || { cat /tmp/fresh-install.log >&2; fail "as root, failed: $line"; }
done
try_out as_root
mkdir -p "$home/dist"
/opt/bpfdoctor/bin/pip wheel -q --no-deps -w "$home/dist" "$checkout"
rm -rf /opt/bpfdoctor /usr/local/bin/bpfdoctor

# ---- the wheel, three ways -------------------------------------------------------------------------------------------
wheel=$(echo "$home"/dist/bpfdoctor-*.whl)
chown -R $user: "$home"
answers() { # answers COMMAND
    local said
    said=$(as_user "echo 'R3 !read_ok' | $1" 2>&1) || [ $? = 1 ] || fail "$1: $said"
    [[ $said == *uninitialized-register* ]] || fail "$1: $said"
}

step "pip, into a venv ($(python3 --version))"
as_user "python3 -m venv ~/venv && ~/venv/bin/pip install -q $wheel"
answers '~/venv/bin/bpfdoctor'

step "pipx, and README's link for sudo"
apt-get install -y -qq --no-install-recommends pipx >/dev/null
as_user "$(named 'pipx install' | sed "s|\.$|$wheel|")" >/dev/null
answers '~/.local/bin/bpfdoctor'
as_user "PATH=\$PATH:~/.local/bin; $(named 'sudo ln -sf')"
[[ $(as_user 'sudo bpfdoctor explain BD101') == *packet-bounds* ]] || fail "sudo does not find what pipx installed"
rm -f /usr/local/bin/bpfdoctor
as_user 'pipx uninstall bpfdoctor' >/dev/null

step "uv"
as_user '~/venv/bin/pip install -q uv'
as_user "~/venv/bin/$(named 'uv tool install' | sed "s|\.$|$wheel|")"
answers '~/.local/bin/bpfdoctor'

step "passed on $(. /etc/os-release && echo "$PRETTY_NAME"), $(python3 --version)"
