"""`python -m bpfdoctor`."""

import os
import sys

# -m puts the working directory before all else: perhaps a stranger's checkout, and this may be root.
if sys.path[0] == os.getcwd() != os.path.dirname(os.path.dirname(os.path.abspath(__file__))):
    del sys.path[0]

from bpfdoctor.cli.run import run

if __name__ == "__main__":
    run()
