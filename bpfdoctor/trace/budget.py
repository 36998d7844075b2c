"""How far back along the failing path a question may be followed."""

from __future__ import annotations

from enum import IntEnum


class Budget(IntEnum):
    """Steps, newest first; what lies further back stays unknown, however long the log is."""

    PATH = 8000  # what made a value, what was acquired, entered or left: one look at each step
    ROUNDS = 5000  # what a loop repeats
    OBJECT = 2000  # who used the packet or the stack: a look into the state of some
    FRAME = 1000  # which frame the newest step runs in
    STATE = 512  # the nearest complete state: one is printed whenever a branch is taken up
    COMPARISONS = 500  # what else was compared: each comparison is followed back itself
    WALK = 200  # walked again, instruction by instruction; a round whose lines are looked at
    NEAR = 100  # whether states are printed at all; a comparison that the use may be meant by
