"""Numbers that the verifier refuses programs by."""

from __future__ import annotations

STACK = 512  # bytes a function, and a chain of calls, may use: MAX_BPF_STACK, include/linux/filter.h
CALL_FRAMES = 8  # functions that may be active at once: MAX_CALL_FRAMES, include/linux/bpf_verifier.h
INSNS = 1_000_000  # instructions walked: BPF_COMPLEXITY_LIMIT_INSNS, include/linux/bpf.h, since 5.2
# A pointer into the packet that may have moved this far gets no proof from any comparison: MAX_PACKET_OFF,
# kernel/bpf/verifier.c.
PACKET_OFFSET = 0xFFFF
# A number below this may be added to a pointer: BPF_MAX_VAR_OFF, include/linux/bpf_verifier.h.
VARIABLE_OFFSET = 1 << 29
OBJECT_NAME = 15  # bytes of a name that the kernel keeps: BPF_OBJ_NAME_LEN without the final NUL
