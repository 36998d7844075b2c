"""Makes the site: python -m scripts.site [FOLDER]. Without a folder: build/site, which is made anew."""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from scripts.site import engine, links, markdown, pages
from scripts.site.examples import examples

_LOOKS = [pages.ROOT / "bpfdoctor" / "render" / "templates" / name for name in ("look.css", "stepping.css")]
_SITE = pages.ROOT / "site"
# What a first visit fetches of the engine, and what the page works with when there is no network.
_LOADED = ("engine.pack", "pyodide.asm.js", "pyodide.asm.wasm", "pyodide.js", "python_stdlib.zip")
_OFFLINE = ("index.html", "rules/index.html", "app/**/*", "assets/*", "engine/*", "examples/*", "pages.pack")


def make(folder: Path, *, with_engine: bool) -> None:
    """Writes the site into `folder`, which must be empty or missing; without the engine, it is only read."""
    if with_engine:
        _make_engine(folder / "engine")
    known = list(examples())
    for example in known:
        for name, text in example.texts.items():
            _write(folder / "examples" / name, text)
    size = sum((folder / "engine" / name).stat().st_size for name in _LOADED) if with_engine else 0
    made = {page.path: page.text for page in pages.all_pages(known, size)}
    for path, text in made.items():
        _write(folder / path, text)
    (folder / "pages.pack").write_bytes(_packed(made))
    for path, file in pages.files():
        _write(folder / path, file.read_text(encoding="utf-8"))
    shutil.copytree(_SITE / "assets", folder / "assets")
    style = "\n".join(
        (
            *(look.read_text() for look in _LOOKS),
            (_SITE / "assets" / "site.css").read_text(),
            markdown.style(),
        )
    )
    _write(folder / "assets" / "site.css", style)
    shutil.copytree(_SITE / "src", folder / "app", ignore=shutil.ignore_patterns("*.d.ts"))
    (folder / "app" / "sw.js").rename(folder / "sw.js")  # it serves what lies beside it and below
    _write(folder / "files.js", _listed(folder))
    _write(folder / ".nojekyll", "")  # GitHub Pages serves the folder as it is


def _make_engine(folder: Path) -> None:
    """Packs the engine. Exits where `scripts/setup.sh site` has not been."""
    if not (_SITE / "node_modules").is_dir():
        raise SystemExit("The engine's parts are missing; please run: scripts/setup.sh site")
    with tempfile.TemporaryDirectory(prefix="bpfdoctor-site-") as sources:
        engine.gather(Path(sources), pages.ROOT)
        done = subprocess.run([_node(), str(_SITE / "build" / "pack.mjs"), sources, str(folder)], check=False)
    if done.returncode:
        raise SystemExit("The engine could not be packed; what Node said is above.")
    for file in folder.iterdir():
        file.chmod(0o644)  # npm's, Node's and Pyodide's modes are all different


def _node() -> str:
    """The one that scripts/setup.sh put beside this Python, or the machine's."""
    own = Path(sys.executable).parent / "node"
    return str(own) if own.exists() else "node"


def _listed(folder: Path) -> str:
    """files.js, for the service worker: what to keep, each with its digest, and a version of it all."""
    kept = sorted(path for pattern in _OFFLINE for path in folder.glob(pattern) if path.is_file())
    digests = {
        str(path.relative_to(folder)): b64encode(sha256(path.read_bytes()).digest()).decode() for path in kept
    }
    worker = (folder / "sw.js").read_bytes()
    version = sha256(json.dumps(digests).encode() + worker).hexdigest()[:16]
    return f"self.LISTED = {json.dumps({'version': version, 'files': digests}, indent=1)};\n"


def _packed(made: Mapping[str, str]) -> bytes:
    """The pages that are only read, for the service worker: one request, fewer bytes than each alone."""
    read = {path: text for path, text in sorted(made.items()) if path not in _OFFLINE}
    return gzip.compress(json.dumps(read, ensure_ascii=False).encode(), mtime=0)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=pages.ROOT / "build" / "site")
    folder: Path = options.parse_args().folder
    shutil.rmtree(folder, ignore_errors=True)
    make(folder, with_engine=True)
    broken = list(links.broken(folder))
    print(*broken[:20], f"{folder}: {sum(1 for _ in folder.rglob('*.html'))} pages", sep="\n")
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main())
