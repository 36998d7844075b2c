#!/bin/bash
# What a stranger does, from nothing: the demo, the tests and every way to install, as root and as an ordinary user, in
# a clean root of each Debian that we support. `scripts/fresh.sh trixie` takes one; `make fresh` takes all.
set -uo pipefail
cd "$(dirname "$0")/.."

status=0
[ $# -gt 0 ] || set -- bookworm trixie
for release; do
    started=$SECONDS
    scripts/clean_root.sh "$release" scripts/fresh_parts.sh no_rights demo test user install || status=$?
    echo "== $release took $((SECONDS - started)) s"
done
exit $status
