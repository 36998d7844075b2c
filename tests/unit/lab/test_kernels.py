"""Words name kernels, images are kept under their checksum, and a name nobody knows gets a way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpfdoctor.lab import kernel_index, kernels
from bpfdoctor.lab.apt import Package
from bpfdoctor.model.problem import Problem
from tests.unit.lab.test_image import bzimage


def put(cache: Path, version: str) -> None:
    """A kernel in the cache, as `get` leaves it."""
    folder = cache / "kernels" / f"{version}-1"
    folder.mkdir(parents=True)
    (folder / "vmlinuz").write_bytes(b"x")
    words = {"name": f"{version}-1", "version": version, "release": f"{version}-cloud", "checksum": "0",
             "arch": "x86_64", "origin": "Debian", "package": "p", "cannot": ["fly"]}  # fmt: skip
    (folder / "description.json").write_text(json.dumps(words))


def silent(_: str) -> None:
    """No progress."""


@pytest.mark.parametrize(
    ("word", "version"),
    [("5.10", "5.10.262"), ("5.10.218", "5.10.218"), ("6.1", "6.1.9"), ("6", "6.12.4"),
     ("6.12.4-1", "6.12.4"),
     ("6.1.9-cloud", "6.1.9"), ("6.2", None), ("5.1", None), ("", None)],
)  # fmt: skip
def test_a_word_names_the_newest_that_fits(cache: Path, word: str, version: str | None) -> None:
    for each in ("5.10.218", "6.12.4", "5.10.262", "6.1.9"):
        put(cache, each)
    found = kernels.find(word)
    assert (found.version if found else None) == version


def test_installed_kernels_come_oldest_first(cache: Path) -> None:
    for each in ("6.12.4", "6.1.100", "6.1.99"):
        put(cache, each)
    assert [kernel.version for kernel in kernels.installed()] == ["6.1.99", "6.1.100", "6.12.4"]
    assert kernels.newest_installed().version == "6.12.4"


def test_a_half_written_kernel_is_none(cache: Path) -> None:
    put(cache, "6.1.1")
    (cache / "kernels" / "6.1.1-1" / "description.json").write_text('{"name": "6.1')
    put(cache, "6.1.2")
    (cache / "kernels" / "6.1.2-1" / "vmlinuz").unlink()
    assert kernels.installed() == []


def test_a_path_is_kept_under_its_checksum(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "bzImage"
    path.write_bytes(bzimage("7.3.0-mine"))
    (tmp_path / "config-7.3.0-mine").write_text("CONFIG_DEBUG_INFO_BTF=y\nCONFIG_BPF_LSM=y\n")
    first = kernels.from_path(path)
    assert (first.version, first.release, first.origin) == ("7.3.0", "7.3.0-mine", str(path))
    assert first.config and b"BPF_LSM" in first.config
    path.write_bytes(bzimage("7.3.0-changed"))
    assert kernels.from_path(path).name != first.name
    assert first.image.read_bytes() == bzimage("7.3.0-mine")


def test_what_a_kernel_cannot_do_is_read_from_its_configuration(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "vmlinuz-6.1"
    path.write_bytes(bzimage("6.1.0"))
    (tmp_path / "config-6.1.0").write_text("\nCONFIG_BPF_LSM=y\n# CONFIG_DEBUG_INFO_BTF is not set\n")
    cannot = kernels.from_path(path).cannot
    assert any(text.startswith("no BTF") for text in cannot)
    assert any("sched_ext" in text for text in cannot)
    assert not any("LSM programs" in text for text in cannot)


def test_several_names_of_one_kernel_are_one_kernel(cache: Path) -> None:
    put(cache, "6.12.4")
    found = kernels.resolve(["6.12", "6.12.4", "all"], silent, fetch=False)
    assert [kernel.version for kernel in found] == ["6.12.4"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["all"], "No lab kernel is installed."), (["6.12"], "Kernel 6.12 is not installed."),
     (["./nothing"], "nothing cannot be read"), (["/"], "/ is a directory.")],
)  # fmt: skip
def test_what_is_not_there_is_said_with_a_way_out(cache: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(Problem) as problem:
        kernels.resolve(words, silent, fetch=False)
    assert problem.value.sentence.startswith(sentence) and problem.value.ways_out


def test_a_series_nobody_packages(cache: Path) -> None:
    with pytest.raises(Problem) as problem:
        kernels.get("4.4", silent)
    assert problem.value.sentence == "The lab knows no kernel 4.4."
    assert "6.12" in problem.value.ways_out[0]


def test_removing_takes_the_snapshots_along(cache: Path) -> None:
    put(cache, "6.1.1")
    put(cache, "6.12.4")
    for name in ("6.1.1-1@abc", "6.12.4-1@abc"):
        (cache / "snapshots" / name).mkdir(parents=True)
    assert [kernel.version for kernel in kernels.remove("6.1")] == ["6.1.1"]
    assert [kernel.version for kernel in kernels.installed()] == ["6.12.4"]
    assert [path.name for path in (cache / "snapshots").iterdir()] == ["6.12.4-1@abc"]


def test_the_catalogue_is_sound() -> None:
    names = [known.name for known in kernel_index.known()]
    numbers = [tuple(map(int, name.split("."))) for name in names if name.count(".") == 1]
    assert len(set(names)) == len(names) and numbers == sorted(numbers)
    suites = kernel_index.data()["suites"]
    assert all(suite in suites for known in kernel_index.known() for suite in known.suites)
    assert all(archive in kernel_index.data()["archives"] for archive in suites.values())
    assert sum(known.default for known in kernel_index.known()) == 7


@pytest.mark.parametrize(
    "name",
    ["linux-image-5.10.0-30-cloud-amd64", "linux-image-6.12.117+deb13-cloud-amd64",
     "linux-image-6.12.115+deb13.1-cloud-amd64", "linux-binary-7.3.4+deb13-cloud-amd64"],
)  # fmt: skip
def test_names_of_packages_with_an_image(name: str) -> None:
    assert kernels.image_package().fullmatch(name)


@pytest.mark.parametrize(
    "name",
    ["linux-image-cloud-amd64", "linux-image-5.10.0-30-cloud-amd64-dbg", "linux-image-5.10.0-30-amd64",
     "linux-image-5.10.0-30-cloud-amd64-unsigned", "linux-binary-unsigned-7.3.4+deb13-cloud-amd64"],
)  # fmt: skip
def test_names_of_packages_without_one(name: str) -> None:
    assert not kernels.image_package().fullmatch(name)


def test_versions_sort_as_numbers() -> None:
    found = [Package("n", version, "s", "0", 1).upstream for version in ("6.12.9-1", "6.12.117-1~bpo13+1")]
    assert found == [(6, 12, 9), (6, 12, 117)]


def test_a_damaged_copy_is_seen_and_made_again(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "bzImage"
    path.write_bytes(bzimage("7.3.0-mine"))
    kernel = kernels.from_path(path)
    assert kernels.is_whole(kernel)
    kernel.image.write_bytes(kernel.image.read_bytes()[:-1] + b"x")
    assert not kernels.is_whole(kernel)
    assert kernels.is_whole(kernels.from_path(path))
    kernel.image.unlink()
    assert not kernels.is_whole(kernel)
