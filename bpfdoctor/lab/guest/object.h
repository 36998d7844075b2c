/* Loads the programs of an ELF object, one at a time, with libbpf. */
#ifndef BPFDOCTOR_OBJECT_H
#define BPFDOCTOR_OBJECT_H

#include "verify.h"
#include "wire.h"

/* Reads this kernel's BTF once; every later load in this process and its children uses it. */
void object_keep_btf(void);

/* The id of a type in this kernel's BTF; negative when there is none. */
int object_find_btf(const char *name, uint32_t kind);

void object_load(const struct request *request, struct answers *out);

#endif
