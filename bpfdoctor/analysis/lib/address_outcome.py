"""Why a register does not hold the pointer that is wanted: outcomes of the collectors that ask for one."""

from __future__ import annotations

from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.lib.chain import Chain
from bpfdoctor.analysis.lib.data_address import DataAddress
from bpfdoctor.machine.endings import Ending
from bpfdoctor.source.static_data import Storage


class Outcome(Outcomes):
    VARIABLE_NOT_LOADED = "the loader did not load the global variable"
    TEXT_NOT_LOADED = "the loader did not load the string literal"
    TABLE_NOT_LOADED = "the loader did not load the initial values of an array or structure"
    NUMBER_NOT_LOADED = "the loader did not load the constant number"
    CONSTANT_NOT_LOADED = "the loader did not load a constant array or structure"
    UNNAMED_NOT_LOADED = "the loader did not load something, and the source does not show what"
    PACKET_MOVED = "a call may have moved the packet that it points into"
    RELEASED = "a call released the object that it points to"
    DYNPTR_ENDED = "the dynptr whose memory it is was released, made anew or overwritten"
    LOAN_ENDED = "the lock was left under which a list or tree lent it"
    OVERWRITTEN = "the stack slot that it was kept in was written over"
    READ_IN_PLACE = "a helper read it in the stack slot that it was kept in, after which kernels forget it"
    GIVEN_AWAY = "a list or tree has taken the object over"
    RCU_ENDED = "the RCU read section was left in which it was good"
    CLOBBERED = "a call took the value away"
    SWAPPED = "another argument of the call holds what is wanted"
    SWAPPED_READ = "source and destination of a read are exchanged"
    MAP_NOT_LOADED = "the loader did not fill in the address of a map"
    TURNED = "an instruction made a number of the pointer"
    UNSET = "it was read from a stack slot that nothing on the path wrote"
    NULL = "it is NULL on this path: a comparison showed it, or NULL was put there"
    NULL_GIVEN = "the code of this path puts NULL there"
    ITERATOR_END = "the iterator gave NULL: it had no more elements"
    CONSTANT = "a constant is there"
    COMPILER_CONSTANT = "a constant is there on this path, in the register of a pointer"
    NARROW = "a field of 32 bits was read, which is a pointer in programs of other types only"
    LOADED = "it was read from memory whose contents are not known to be pointers"
    LOADED_UNSEEN = "the same, and BCC did not make a helper call of the read"
    STORED = "something is written to an address that is only a number"
    COMPUTED = "it is the result of a calculation with numbers"
    OTHER = "it is something else from the start"
    OTHER_UNSEEN = "it is something else, and BCC did not make a helper call of the read"


NOT_LOADED = (
    Outcome.VARIABLE_NOT_LOADED,
    Outcome.TEXT_NOT_LOADED,
    Outcome.TABLE_NOT_LOADED,
    Outcome.NUMBER_NOT_LOADED,
    Outcome.CONSTANT_NOT_LOADED,
    Outcome.UNNAMED_NOT_LOADED,
)
TAKEN = (
    Outcome.PACKET_MOVED,
    Outcome.RELEASED,
    Outcome.DYNPTR_ENDED,
    Outcome.LOAN_ENDED,
    Outcome.OVERWRITTEN,
    Outcome.READ_IN_PLACE,
)
_OF_ENDING = {
    Ending.MOVED: Outcome.PACKET_MOVED,
    Ending.RELEASED: Outcome.RELEASED,
    Ending.DYNPTR: Outcome.DYNPTR_ENDED,
    Ending.LOAN: Outcome.LOAN_ENDED,
    Ending.OVERWRITTEN: Outcome.OVERWRITTEN,
    Ending.READ: Outcome.READ_IN_PLACE,
}


def of_data(data: DataAddress) -> Outcome:
    """Which kind of data it is that has no address."""
    if data.writable:
        return Outcome.VARIABLE_NOT_LOADED
    if data.is_number:
        return Outcome.NUMBER_NOT_LOADED
    if not data.objects:
        return Outcome.UNNAMED_NOT_LOADED
    if data.storage is Storage.STRING:
        return Outcome.TEXT_NOT_LOADED
    return Outcome.TABLE_NOT_LOADED if data.storage is Storage.TABLE else Outcome.CONSTANT_NOT_LOADED


def of_taken(chain: Chain) -> Outcome:
    """What took the pointer's meaning away."""
    return _OF_ENDING[chain.ending] if chain.ending is not None else Outcome.RELEASED
