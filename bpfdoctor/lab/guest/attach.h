/* Attaches programs, gives them something to count, and tells what they counted: for the project's own tests. */
#ifndef BPFDOCTOR_ATTACH_H
#define BPFDOCTOR_ATTACH_H

#include "wire.h"

/* TAG_NAME: lines "/proc/sys/kernel/x 1", written first. Each program counts in element 0 of the map `hits`. */
void attach_and_count(const struct request *request, struct answers *out);

#endif
