"""File formats, from bytes to values: ELF, BTF, DWARF, the words of C. Knows nothing of logs or programs."""
