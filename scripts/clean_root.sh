#!/bin/bash
# Runs a command in a clean Debian: `scripts/clean_root.sh bookworm make test`.
#
# The root file system is a minimal one (debootstrap --variant=minbase, with git, make and certificates), made for this
# run and removed however the run ends. The command is started as root in a clone of this checkout's HEAD, with an
# empty environment but for what says how to reach packages. Only downloads are kept: in ~/.cache/bpfdoctor/clean-root.
# 2: the root could not be made or entered; else the command's own exit status.
set -euo pipefail
umask 022 # an ordinary user reads what root makes in there
cd "$(dirname "$0")/.."

die() {
    echo "clean root: $*" >&2
    exit 2
}

[ $# -ge 2 ] || die "usage: scripts/clean_root.sh RELEASE COMMAND..."
[ "$(id -u)" = 0 ] || die "this needs root, to unpack a system and to mount; please run it with sudo."
release=$1
shift
for tool in debootstrap git; do
    command -v "$tool" >/dev/null || die "$tool is not installed; please run: apt-get install $tool"
done
[ -e "/usr/share/debootstrap/scripts/$release" ] || die "debootstrap knows no release called $release."

export HOME=${HOME:-/root}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bpfdoctor/clean-root
base=$cache/$release.tar
packages=$cache/$release-packages
pip_cache=$cache/pip
npm_cache=$cache/npm
mkdir -p "$packages" "$pip_cache" "$npm_cache"
exec 9>"$cache/$release.lock" # apt wants the folder of packages for itself
flock --nonblock 9 || { echo "clean root: waiting for another run with $release"; flock 9; }
root=$(mktemp -d "${TMPDIR:-/var/tmp}/bpfdoctor-$release.XXXXXX")
child=
finish() { # the mounts are in a namespace of the child's own and go with it
    [ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -f "$base.$$"
    for _ in 1 2 3 4 5; do # a process that is just being ended may still write
        rm -rf --one-file-system "$root" && break
        sleep 1
    done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- the base system, downloaded once a week ------------------------------------------------------------------------
if [ -z "$(find "$base" -mtime -7 2>/dev/null)" ]; then
    echo "clean root: making the base system of $release"
    mirror=$(apt-get indextargets --format '$(URI)' 'Identifier: Packages' 'Label: Debian' 2>/dev/null | head -n 1) || true
    if ! debootstrap --variant=minbase --include=ca-certificates,git,make "$release" "$root" ${mirror:+"${mirror%%/dists/*}"} \
        >"$root.log" 2>&1; then
        tail -n 20 "$root.log" "$root/debootstrap/debootstrap.log" 2>/dev/null >&2 || true
        rm -f "$root.log"
        die "debootstrap could not make $release; what it said is above."
    fi
    rm -f "$root.log"
    rm -rf "$root"/var/cache/apt/archives/*.deb
    tar -C "$root" --numeric-owner --one-file-system --exclude=./dev --exclude=./proc --exclude=./sys -cf "$base.$$" .
    mv "$base.$$" "$base"
else
    tar -C "$root" --numeric-owner -xpf "$base"
fi
mkdir -p "$root"/{dev,proc,sys,oldroot}
chmod 755 "$root"

# ---- how to reach packages -------------------------------------------------------------------------------------------
here=(HOME=/root USER=root LOGNAME=root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
carried=()
while IFS= read -r name; do
    here+=("$name=${!name}")
    carried+=("$name")
done < <(compgen -e | grep -iE '^((https?|ftp|all|no)_proxy|pip_.*|uv_.*|npm_config_.*|node_extra_ca_certs|ssl_cert_(file|dir)|requests_ca_bundle|curl_ca_bundle|git_ssl_cainfo|ci)$')

bring() { # a file to the same place in the root
    [ ! -f "$1" ] || install -D -m 644 "$1" "$root$1"
}
for name in "${carried[@]}"; do
    case ${!name} in /*) bring "${!name}" ;; esac
done
settings=(/etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf" ${PIP_CONFIG_FILE:-})
for file in /etc/resolv.conf /etc/hosts "${settings[@]}"; do
    bring "$file"
done
# Where npm looks for settings of the machine depends on where its node is, so they go into the user's; a later one wins.
touch "$root/root/.npmrc"
chmod 600 "$root/root/.npmrc" # it may hold a token
for file in /etc/npmrc /usr/etc/npmrc /usr/local/etc/npmrc "$HOME/.npmrc"; do
    [ ! -f "$file" ] || awk 1 "$file" >>"$root/root/.npmrc"
done
bring "$(sed -n 's/^cafile *= *//p' "$root/root/.npmrc" | tail -n 1)"
apt-config dump 2>/dev/null |
    grep -E '^Acquire::(https?|ftp|socks|Retries|ForceIPv|Proxy|Check-)' >"$root/etc/apt/apt.conf.d/90-as-outside" || true
cat >"$root/etc/apt/apt.conf.d/91-keep-downloads" <<<'APT::Keep-Downloaded-Packages "true"; Binary::apt::APT::Keep-Downloaded-Packages "true";'
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
# Folders of packages that pip's settings name are shown in the same place, not copied: they may be large.
shown=()
while IFS= read -r path; do
    [ "${path##*/}" != simple ] || path=${path%/*} # an index: its files lie beside it
    if [ -d "$path" ]; then shown+=("$path"); else bring "$path"; fi
done < <(
    { cat "${settings[@]}" 2>/dev/null; compgen -v PIP_ | while read -r name; do echo "${!name}"; done; } |
        grep -oE '(file://|[= ]|^)/[^ ]+' | grep -oE '/[^/ ].*' | sort -u
)

# ---- the project -------------------------------------------------------------------------------------------------------
[ -z "$(git status --porcelain 2>/dev/null)" ] || echo "clean root: what is not committed stays outside:" "$(git status --short | wc -l) files"
# without hard links: what changes owner in the root would change it here; in a place where others may read it, as
# some tests start bpfdoctor as an ordinary user
git clone -q --no-hardlinks . "$root/opt/bpfdoctor" || die "this checkout cannot be cloned."
git -C "$root/opt/bpfdoctor" remote remove origin

# ---- enter ---------------------------------------------------------------------------------------------------------------
enter=$(
    cat <<'END'
set -eu
root=$1; packages=$2; pip_cache=$3; npm_cache=$4; shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount --rbind /sys sys
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p var/cache/apt/archives root/.cache/pip root/.npm
mount --bind "$packages" var/cache/apt/archives
mount --bind "$pip_cache" root/.cache/pip
mount --bind "$npm_cache" root/.npm
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --bind -o ro "$1" "$root$1"
    shift
done
shift
pivot_root . oldroot
cd /opt/bpfdoctor
umount -l /oldroot
rmdir /oldroot
touch /run/entered
# A child of this shell, which as process 1 waits for what others leave behind. Started in the background, so that
# ^C reaches the one who cleans up; the command itself gets signals as usual.
env -i --default-signal=INT,QUIT "$@" </dev/null
END
)
unshare --mount --pid --fork --kill-child bash -c "$enter" enter "$root" "$packages" "$pip_cache" "$npm_cache" \
    "${shown[@]}" -- "${here[@]}" "$@" 9>&- &
child=$!
status=0
wait "$child" || status=$?
child=
[ -e "$root/run/entered" ] || die "the root could not be entered: this machine lets root neither unshare nor mount; see above."
exit "$status"
