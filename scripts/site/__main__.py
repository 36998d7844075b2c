"""Makes the site: python -m scripts.site [FOLDER]. Without a folder: build/site, which is made anew."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from scripts.site import links, markdown, pages

_LOOK = pages.ROOT / "bpfdoctor" / "render" / "templates" / "look.css"
_ASSETS = pages.ROOT / "site" / "assets"


def make(folder: Path) -> None:
    """Writes the whole site into `folder`, which must be empty or missing."""
    for page in pages.all_pages():
        _write(folder / page.path, page.text)
    for path, file in pages.files():
        _write(folder / path, file.read_text(encoding="utf-8"))
    shutil.copytree(_ASSETS, folder / "assets", dirs_exist_ok=True)
    shutil.copytree(pages.ROOT / "site" / "src", folder / "app")
    style = "\n".join((_LOOK.read_text(), (_ASSETS / "site.css").read_text(), markdown.style()))
    _write(folder / "assets" / "site.css", style)
    _write(folder / ".nojekyll", "")  # GitHub Pages serves the folder as it is


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=pages.ROOT / "build" / "site")
    folder: Path = options.parse_args().folder
    shutil.rmtree(folder, ignore_errors=True)
    make(folder)
    broken = list(links.broken(folder))
    print(*broken, f"{folder}: {sum(1 for _ in folder.rglob('*.html'))} pages", sep="\n")
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main())
