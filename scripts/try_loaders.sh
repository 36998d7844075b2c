#!/bin/bash
# Builds the loaders of docs/loaders with Debian's packages of cilium/ebpf, libbpf-rs and aya, lets each load a program
# that is refused, and stores what it prints in tests/cli/loaders (or the FOLDER that is named). As root, in a Debian 13
# of its own: it installs half a gigabyte of packages, so CI reads what is stored (tests/cli/test_loaders.py).
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-tests/cli/loaders}

apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends golang-go golang-github-cilium-ebpf-dev \
    cargo librust-libbpf-rs-dev librust-aya-dev pkg-config gcc libc6-dev clang libbpf-dev >/dev/null
work=$(mktemp -d)
mkdir -p "$out" "$work/rust/src/bin" "$work/rust/.cargo"
sed -E 's|[ \t]*/\* (expect\|cause): [^*]*\*/||' corpus/cases/packet-bounds/dns-header-not-checked/prog.bpf.c >"$work/pkt.bpf.c"
(cd "$work" && clang -target bpf -O2 -g -I"/usr/include/$(gcc -print-multiarch)" -c pkt.bpf.c)

GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/go-cache go build -o "$work/main.go.built" docs/loaders/main.go
cp docs/loaders/*.rs "$work/rust/src/bin"
cat >"$work/rust/.cargo/config.toml" <<'END'
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
END
cat >"$work/rust/Cargo.toml" <<'END'
[package]
name = "loaders"
version = "0.1.0"
edition = "2021"
[dependencies]
libbpf-rs = "0.25.0-beta.1"
aya = "0.13"
END
(cd "$work/rust" && cargo build --offline --quiet)
for name in aya libbpf_rs; do
    mv "$work/rust/target/debug/$name" "$work/$name.rs.built"
done
for loader in "$work"/*.built; do
    name=$(basename "$loader" .built)
    "$loader" "$work/pkt.bpf.o" >"$out/$name.log" 2>&1 && { echo "$name: the program was not refused" >&2; exit 1; }
    echo "$name: $(wc -l <"$out/$name.log") lines"
done
