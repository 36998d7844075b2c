"""What bpfdoctor says when it cannot do its job: never a traceback, always a way out."""

from __future__ import annotations


class Problem(Exception):
    """bpfdoctor cannot do what was asked (exit status 2).

    `sentence` says what is missing or wrong, in one sentence without a final newline.
    `ways_out` are the things the user can do about it, one line each, most useful first.
    """

    def __init__(self, sentence: str, *ways_out: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.ways_out = ways_out
