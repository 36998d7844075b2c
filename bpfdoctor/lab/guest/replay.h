/* Repeats recorded bpf(2) calls, as libbcc made them on the host. */
#ifndef BPFDOCTOR_REPLAY_H
#define BPFDOCTOR_REPLAY_H

#include "verify.h"
#include "wire.h"

void replay(const struct request *request, struct answers *out);

#endif
