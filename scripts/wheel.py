"""Builds the wheel and says what is wrong with it: what is missing, what is too much, how large it is."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 3_000_000
MOST_FILES = 900
_COMPILED = "bpfdoctor/_data/compiled/"
# Whatever is not listed here has no business in a wheel.
_ALLOWED = re.compile(
    r"bpfdoctor/[\w/]+\.py"
    r"|bpfdoctor/kernel/\w+\.json"
    r"|bpfdoctor/lab/(?:kernels\.toml|(?:guest|record)/\w+\.[ch])"
    r"|bpfdoctor/render/(?:schema\.json|templates/(?:stepping/)?[\w.]+\.(?:j2|css|js))"
    r"|bpfdoctor/_data/compiled/[\w.-]+\.jsonl?"
    r"|bpfdoctor-[\w.]+\.data/data/share/man/man1/bpfdoctor\.1"
    r"|bpfdoctor-[\w.]+\.dist-info/(?:METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)"
)


def build(folder: Path, root: Path = ROOT) -> Path:
    """The wheel of the checkout `root`, put into `folder`. Exits with what the build said when it fails."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder.resolve())]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(done.stdout.decode())
    return folder / f"bpfdoctor-{version(root)}-py3-none-any.whl"


def version(root: Path = ROOT) -> str:
    """The version that the sources in `root` say they have."""
    found = re.search(r'^__version__ = "(.+)"$', (root / "bpfdoctor/__init__.py").read_text(), re.M)
    assert found, "bpfdoctor/__init__.py has no __version__"
    return found[1]


def mistakes(wheel: Path) -> Iterator[str]:
    """Sentences about what is wrong with the wheel."""
    with zipfile.ZipFile(wheel) as file:
        names = [name for name in file.namelist() if not name.endswith("/")]
    if (size := wheel.stat().st_size) > MOST_BYTES:
        yield f"{wheel.name} has {size:,} bytes; {MOST_BYTES:,} is the limit"
    if len(names) > MOST_FILES:
        yield f"{wheel.name} has {len(names)} files; {MOST_FILES} is the limit"
    yield from (f"{wheel.name}: {name} is in it" for name in names if not _ALLOWED.fullmatch(name))
    yield from (f"{wheel.name}: {name} is missing" for name in sorted(_expected() - set(names)))


def _expected() -> set[str]:
    """The sources of this checkout, and what hatch_build.py makes."""
    from bpfdoctor import grammar

    sources = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "bpfdoctor").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    tables = {
        grammar.compiled_name(name, start) for name, starts in grammar.STARTS.items() for start in starts
    }
    kinds = ("catalogue", "pages", "topics", "rules-templates", "html-templates")
    man = f"bpfdoctor-{version()}.data/data/share/man/man1/bpfdoctor.1"
    return sources | {man} | {_COMPILED + name for name in (*tables, *(f"{kind}.jsonl" for kind in kinds))}


def main() -> int:
    """Builds into the folder named; status 1 when something is wrong with the wheel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    wheel = build(parser.parse_args().folder)
    wrong = list(mistakes(wheel))
    with zipfile.ZipFile(wheel) as file:
        print(f"{wheel}: {wheel.stat().st_size / 1e6:.2f} MB, {len(file.namelist())} files")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
