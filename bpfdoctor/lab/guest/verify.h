/* Loads one program at the log levels that were asked for, and keeps the logs. */
#ifndef BPFDOCTOR_VERIFY_H
#define BPFDOCTOR_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct log {
	char *text; /* lazily backed: only what the kernel writes costs memory */
	size_t size;
};

struct verdict {
	int asked; /* the kernel was asked at all */
	int error; /* errno of the load at level 4, which has the real one; 0: it loads */
	struct log logs[5]; /* by level: 1, 2, 4 */
	uint32_t cut;	    /* bit n: level n did not fit */
	uint32_t map_type;  /* of the last map that could not be created; 0: none */
};

/* What to ask for: bit n of `levels` is log level n; `always` also for programs that load. */
struct wanted {
	uint32_t levels;
	int always;
	size_t limit;	     /* bytes of one log */
	struct answers *out; /* where to tell a refusal before its trace */
};

struct wanted wanted_by(const struct request *request, struct answers *out);

void verify_prepare(struct verdict *verdict, const struct wanted *wanted);

/* BPF_PROG_LOAD with these attributes; the descriptor, or -1 with errno. */
int verify(void *attr, unsigned int size, struct verdict *verdict, const struct wanted *wanted);

/* While set, a load that libbpf does into `buffer` goes through verify(). */
void verify_watch(char *buffer, struct verdict *verdict, const struct wanted *wanted);

void verdict_send(const struct verdict *verdict, struct answers *out);

#endif
