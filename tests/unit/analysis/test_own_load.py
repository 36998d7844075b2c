"""What is said of a load that we did ourselves: never what somebody with a pasted text should do."""

from __future__ import annotations

import errno

import pytest

from bpfdoctor.analysis.own_load import OwnLoad, told_of
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.model.report import Flavour, Kernel, Program, RawReport, Stage


def told(
    error: int,
    *,
    kernel: Kernel | None = None,
    flavour: Flavour = Flavour.LIBBPF,
    lacks: tuple[str, ...] = (),
    bars: str = "",
    kind: str = "xdp",
) -> OwnLoad | None:
    kernel = kernel or Kernel("6.18.44", "full")
    raw = RawReport(
        b"",
        "p.bpf.c",
        flavour,
        Stage.LOADER,
        program=Program("p", kind),
        kernel=kernel,
        lacks=lacks,
        bars=bars,
    )
    return told_of(raw, Failure("said", step=Step.LOAD, errno=error))


def test_of_a_pasted_text_it_knows_nothing() -> None:
    assert told(errno.EPERM, flavour=Flavour.LOG) is None


def test_the_capability_that_was_not_there_is_the_reason() -> None:
    found = told(errno.EPERM, kernel=Kernel("6.18.44", "bpf"), lacks=("CAP_NET_ADMIN",))
    assert found and found.is_shown
    assert found.means == (
        "A program of type xdp takes CAP_NET_ADMIN besides CAP_BPF, and CAP_NET_ADMIN was not there."
    )


def test_of_a_set_it_is_known_what_it_leaves_out() -> None:
    found = told(errno.EPERM, kernel=Kernel("6.1.192", "bpf+net"), kind="kprobe")
    assert found and found.is_shown and "CAP_PERFMON was not there" in found.means


def test_with_every_right_it_is_the_machine_as_far_as_it_can_be_seen() -> None:
    found = told(errno.EPERM, bars="a seccomp filter is set")
    assert found and not found.is_shown
    assert found.means.endswith("What can be seen of why: a seccomp filter is set.")


def test_a_hidden_call_is_not_taken_for_a_kernel_without_it() -> None:
    found = told(errno.ENOSYS, bars="a seccomp filter is set")
    assert found and "which the kernel itself has" in found.means


def test_a_type_that_came_later_is_said_with_its_version() -> None:
    found = told(errno.EINVAL, kernel=Kernel("5.10.218", "full"), kind="syscall")
    assert found and found.is_shown
    assert found.means == "Programs of type syscall came with Linux 5.14; this kernel is 5.10.218."


@pytest.mark.parametrize("error", [errno.EINVAL, errno.E2BIG, errno.EBUSY, errno.ENOMEM, errno.EACCES])
def test_nobody_is_told_to_do_what_was_just_done(error: int) -> None:
    found = told(error)
    assert found
    for words in ("sudo bpfdoctor check", "get the verifier's log", "./loader", "message is missing"):
        assert words not in found.next + found.means
