/* Loads the programs of an ELF object, one at a time, with libbpf. */
#ifndef BPFDOCTOR_OBJECT_H
#define BPFDOCTOR_OBJECT_H

#include <bpf/libbpf.h>

#include "verify.h"
#include "wire.h"

/* Reads this kernel's BTF once; every later load in this process and its children uses it. */
void object_keep_btf(void);

/* The id of a type in this kernel's BTF; negative when there is none. */
int object_find_btf(const char *name, uint32_t kind);

/* The request's object, with nothing pinned; NULL and errno where libbpf cannot read it. */
struct bpf_object *object_open(const struct request *request);

/* Leaves only one program to be loaded: the one called `only`, or else the one at *index. NULL when there is none. */
struct bpf_program *object_choose(struct bpf_object *object, const char *only, uint32_t *index, uint32_t *total);

void object_load(const struct request *request, struct answers *out);

#endif
