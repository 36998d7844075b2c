"""`python -m bpfdoctor`."""

from bpfdoctor.cli.run import run

if __name__ == "__main__":
    run()
