#!/bin/bash
# A real program, refused by the kernel this runs on and explained. Without root it explains the log of that refusal.
set -uo pipefail
cd "$(dirname "$0")/.."

case=corpus/cases/packet-bounds/udp-after-ip-check
run() {
    echo "\$ $*"
    echo
    "$@"
    status=$?
    [ $status -lt 2 ] || exit $status # 1 is what a refused program gives
}

bpfdoctor=.venv/bin/bpfdoctor
if [ "$(id -u)" = 0 ]; then
    run "$bpfdoctor" check "$case/prog.bpf.c"
elif sudo -n true 2>/dev/null; then
    run sudo "$bpfdoctor" check "$case/prog.bpf.c"
else
    log=$(ls "$case"/logs/*-l1.log | tail -1)
    echo "Loading a program needs root, and sudo would ask for a password here, so this is the log of an earlier refusal."
    echo "To see it on your own kernel: sudo $bpfdoctor check $case/prog.bpf.c"
    echo
    run "$bpfdoctor" log "$log"
fi
