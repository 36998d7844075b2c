"""What bpfdoctor says when it cannot do its job: never a traceback, always a way out."""

from __future__ import annotations


def bug(error: BaseException) -> str:
    """Where an exception that nobody expected came from: "IndexError in trace/path.py:120"."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    folder, _, file = trace.tb_frame.f_code.co_filename.rpartition("/")
    return f"{type(error).__name__} in {folder.rpartition('/')[2]}/{file}:{trace.tb_lineno}"


class Problem(Exception):
    """bpfdoctor cannot do what was asked (exit status 2).

    `sentence` says what is missing or wrong, in one sentence without a final newline.
    `ways_out` are the things the user can do about it, one line each, most useful first.
    """

    def __init__(self, sentence: str, *ways_out: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.ways_out = ways_out

    def __reduce__(self) -> tuple[type[Problem], tuple[str, ...]]:
        """For another process: with both, and not with what Exception keeps."""
        return Problem, (self.sentence, *self.ways_out)
