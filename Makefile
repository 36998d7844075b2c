# What people and CI type. Every target works on a fresh checkout: it sets up what it needs first.
SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
PY := .venv/bin/python
PYTEST := $(PY) -m pytest
NODE := PATH=$(CURDIR)/.venv/bin:$$PATH
FAST := not slow and not vm
WORKERS := -n auto --dist worksteal # neighbours stay together: they share what a module's fixture compiled

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## install what is missing and make .venv
	@scripts/setup.sh

.PHONY: demo
demo: ## a real program, refused by this kernel and explained
	@scripts/setup.sh demo
	@scripts/demo.sh

.PHONY: test
test: setup ## every test except those that boot kernels, fast ones first
	@status=0; \
	$(PYTEST) $(WORKERS) tests/unit -m "$(FAST)" || status=1; \
	$(PYTEST) $(WORKERS) tests --ignore=tests/unit -m "$(FAST)" || status=1; \
	exit $$status

.PHONY: test-compilers
test-compilers: ## the tests that compile, with every clang that the distribution offers
	@scripts/setup.sh compilers
	@scripts/test_compilers.sh

.PHONY: test-changed
test-changed: setup ## the tests of what changed since main, in seconds
	$(PY) -m scripts.changed_tests

.PHONY: test-all
test-all: setup ## every test
	$(PYTEST) $(WORKERS) tests

.PHONY: fresh
fresh: ## the demo, the tests and every way to install, each in a clean Debian 12 and 13 (root)
	@scripts/fresh.sh

.PHONY: lint
lint: setup ## style, types, and which folder may import which
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

.PHONY: man
man: setup ## show the man page, as the wheel has it
	$(PY) -m scripts.man_page build/bpfdoctor.1
	man -l build/bpfdoctor.1

.PHONY: format
format: setup ## let ruff fix what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

MUTANTS ?= /tmp/bpfdoctor-mutants
SEED ?= 1
.PHONY: mutants
mutants: setup ## diagnose 1,000 unseen mutants, and compare with Linux 7.3's own reports
	$(PY) -m scripts.mutants $(MUTANTS)/$(SEED) --seed $(SEED)
	$(PY) scripts/accuracy.py --kernel-logs $(MUTANTS)/$(SEED) --logs /nonexistent

.PHONY: fixes
fixes: setup ## mend the cases and 500 mutants of the corpus, and run each beside what it was for (root)
	$(PY) -m scripts.fixes --seed $(SEED)

WORKING ?= /usr/sbin/*-bpfcc
.PHONY: silent
silent: setup ## what preflight says of programs that work: each warning is to be read
	$(PY) -m scripts.silent $(WORKING)

.PHONY: silent-cases
silent-cases: lab-setup ## programs that are attached here and in guests: which count, which do not, and what preflight says (root)
	$(PY) -m scripts.silent_cases --guests

.PHONY: bench
bench: setup ## CPU time and memory against the budgets
	$(PY) -m scripts.bench

.PHONY: bench-many
bench-many: setup ## many files on one core and on all, and a second run (root)
	$(PY) -m scripts.bench_many

.PHONY: coverage
coverage: setup ## what every kernel can say, how much of it reaches a rule, and how much has been seen
	$(PY) -m scripts.coverage

.PHONY: accuracy
accuracy: setup ## right places: labelled logs where there are any, our marks, and Linux 7.3's own reports
	$(PY) scripts/accuracy.py

.PHONY: witnesses
witnesses: setup ## which refused programs of the corpus are seen to go wrong on an input
	$(PY) -m scripts.witnesses

.PHONY: poor
poor: setup ## what survives when logs are cut: the rule, the root cause
	$(PY) -m scripts.poor --wrong

.PHONY: corpus
corpus: lab-setup ## load every case on seven real kernels and store what they say
	.venv/bin/bpfdoctor dev capture

.PHONY: lab-setup
lab-setup: setup
	@scripts/setup.sh lab
	.venv/bin/bpfdoctor kernels get all

.PHONY: lab
lab: lab-setup ## boot every kernel, run the corpus, print what changed against the stored logs
	$(PYTEST) tests/lab -m vm
	.venv/bin/bpfdoctor dev capture --compare

.PHONY: lab-small
lab-small: setup ## the same with two kernels, a handful of cases and the programs that are attached, as CI does
	@scripts/setup.sh lab
	.venv/bin/bpfdoctor kernels get 5.10.218 7.3
	.venv/bin/bpfdoctor dev capture --compare --kernel 5.10.218,7.3 \
		corpus/cases/packet-bounds/* corpus/cases/uninitialized-stack/* corpus/cases/map-value-or-null/*
	$(PYTEST) -m vm tests/lab/test_silent_cases.py

.PHONY: fuzz
SECONDS_OF_FUZZING ?= 600
fuzz: setup ## hostile bytes on the way from a paste to every output format, for SECONDS_OF_FUZZING
	@# what [fuzz] names alone: installing the project anew would take it away from who runs it beside this
	$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["fuzz"], sep="\n")' \
		| xargs -d '\n' $(PY) -m pip install -q --disable-pip-version-check
	$(PY) tests/fuzz/fuzz_log.py -max_total_time=$(SECONDS_OF_FUZZING) $(FUZZER) -print_final_stats=1 2>&1 \
		| grep -vE '^(#|INFO)|# Uses'

.PHONY: messages
messages: setup ## rebuild the lists of messages from Debian's kernel and tool packages (network, 3.4 GB of cache)
	nice $(PY) -m scripts.kernel_messages
	nice $(PY) -m scripts.toolchain_messages

.PHONY: foreign
foreign: setup ## how other people's sources fare without a flag: DIRS="folder folder …" (root)
	nice $(PY) -m scripts.foreign $(DIRS)

.PHONY: packaged
packaged: setup ## what becomes of the tools that Debian packages, on the kernels of their releases (network)
	nice $(PY) -m scripts.packaged

.PHONY: wheel
wheel: setup ## build the wheel in dist/, and check that it contains what it must and no more
	$(PY) -m scripts.wheel

.PHONY: release
release: setup ## check that this commit is a release, and build its wheel (docs/release.md)
	$(PY) -m scripts.release

.PHONY: facts
facts: setup ## rebuild helpers, kfuncs and types from the same packages as the messages
	nice $(PY) -m scripts.kernel_facts

.PHONY: claims
claims: setup ## versions and kernel options in pages and sentences that no case, commit or source backs
	$(PY) -m scripts.claims

.PHONY: answers
answers: setup ## store the current answers to the corpus's programs; git shows what changed
	$(PY) -m scripts.answers

.PHONY: mutate
mutate: setup ## put mistakes into the code, and list those that no test notices: OF=trace SAMPLE=60 SEED=1
	$(PY) -m pip install -q --disable-pip-version-check -e '.[mutate]'
	nice $(PY) -m scripts.mutate $(OF) --sample $(or $(SAMPLE),60) --seed $(SEED)

.PHONY: site
site: site-setup ## make build/site: the paste page, a page for every rule, gallery and documents, for any web server
	$(PY) -m scripts.site

.PHONY: site-setup
site-setup:
	@scripts/setup.sh site

.PHONY: test-site
test-site: site ## lint and try the site in Debian's Chromium, and compare 200 answers with the terminal's
	cd site && $(NODE) npm run --silent lint
	$(PY) -m scripts.site.answers build/answers.jsonl
	cd site && $(NODE) npm test --silent

.PHONY: bench-site
bench-site: site ## milliseconds to the page's first and next answer, and the bytes of a first visit
	$(NODE) node site/tests/measure.js

.PHONY: readme
readme: setup ## run the commands shown in the documents and paste what they print
	$(PY) scripts/readme.py
	$(PY) -m scripts.gallery
	$(PY) -m scripts.from_the_notes
