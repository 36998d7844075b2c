#!/bin/bash
# Makes a checkout ready to work: what the distribution has to bring, then .venv. Run it as often as you like;
# the second time takes a fraction of a second. `scripts/setup.sh lab` also installs what boots kernels in VMs.
set -euo pipefail
cd "$(dirname "$0")/.."

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
has_package() { apt-cache show "$1"; }
first_of() { # the first package that this distribution has
    local package
    for package in "$@"; do
        if has_package "$package" >/dev/null 2>&1; then
            echo "$package"
            return
        fi
    done
    echo "$1"
}

[ -x .venv/bin/python ] || need python3-venv find_python
need python3-bpfcc test -e /usr/lib/python3/dist-packages/bcc/__init__.py
need clang has_clang
need llvm has_objdump
need libbpf1 has_libbpf
need libbpf-dev test -e /usr/include/bpf/bpf_helpers.h
need bpftool command -v bpftool
need linux-headers has_headers
need gcc command -v gcc
need libc6-dev test -e /usr/include/stdio.h
need libelf-dev test -e /usr/include/libelf.h
need zlib1g-dev test -e /usr/include/zlib.h
if [ "${1:-}" = lab ]; then
    need qemu-system-x86 command -v qemu-system-x86_64
    need zstd command -v zstd
fi

if [ ${#missing[@]} -gt 0 ]; then
    root=()
    [ "$(id -u)" = 0 ] || root=(sudo)
    if ! command -v apt-get >/dev/null; then
        echo "setup: this is no Debian or Ubuntu; please install what these packages bring: ${missing[*]}" >&2
    elif [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
        echo "setup: not root; please run: sudo apt-get install ${missing[*]}" >&2
    else
        "${root[@]}" apt-get update -qq
        packages=()
        for package in "${missing[@]}"; do
            case $package in
                bpftool) package=$(first_of bpftool linux-tools-generic) ;;
                linux-headers) package=$(first_of "linux-headers-$(uname -r)" linux-headers-amd64 linux-headers-generic) ;;
                python3-venv) # Ubuntu 22.04 has 3.11 beside its python3
                    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || package=python3.11-venv ;;
            esac
            packages+=("$package")
        done
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${packages[@]}"
    fi
fi

# ---- .venv ---------------------------------------------------------------------------------------------------------
stamp=.venv/.ready
key=$(sha256sum pyproject.toml | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" != "$key" ]; then
    if ! [ -x .venv/bin/python ]; then
        python=$(find_python) || {
            echo "setup: bpfdoctor needs Python 3.11 or newer with venv; set PYTHON=/path/to/python3.x" >&2
            exit 2
        }
        "$python" -m venv .venv
    fi
    .venv/bin/python -m pip install -q --disable-pip-version-check -e '.[dev]'
    .venv/bin/python -m compileall -q .venv/lib || true # some packages carry files for other Pythons
    echo "$key" >"$stamp"
fi
.venv/bin/python -m compileall -q bpfdoctor
