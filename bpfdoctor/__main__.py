"""`python -m bpfdoctor`."""

from bpfdoctor.cli.main import run

if __name__ == "__main__":
    run()
