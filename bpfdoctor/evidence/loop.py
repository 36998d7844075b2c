"""The loop that a message is about: where it starts, where it jumps back, what it counts."""

from bpfdoctor.evidence.complexity import Complexity, collect

__all__ = ["Complexity", "collect"]
