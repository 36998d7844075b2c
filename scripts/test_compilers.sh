#!/bin/bash
# Runs the tests that compile, once with every clang on this machine but the one that `make test` runs them with:
# `make test-compilers` installs them first. CLANGS='13|19' takes only these.
# Those of BCC are left out: it has a compiler of its own. So is what no compiler changes: how the command line takes
# files and options, what it does without rights or an answer, how a project's build is read.
set -uo pipefail
cd "$(dirname "$0")/.."

mapfile -t tests < <(grep -rlE 'tests\.compilers|pipeline import check|capture\.check|CaptureOptions|bpfdoctor\("check"' \
    tests --include='test_*.py' --exclude='test_bcc*.py' --exclude='test_*sudo.py' \
    --exclude=test_{reading,reduce,shapes,check,commands,compile_db,config,no_answer,paths}.py)
status=0
usual=$(readlink -f "$(command -v clang)")
for clang in $(compgen -c | grep -xE "clang-(${CLANGS:-[0-9]+})" | sort -uV); do
    [ "$(readlink -f "$(command -v "$clang")")" != "$usual" ] || continue
    echo "== $clang"
    CLANG=$clang .venv/bin/python -m pytest -n 2 --dist worksteal -m "not vm and not slow" "${tests[@]}" || status=1
done
exit $status
