/* Reads files of the guest's kernel for the host. */
#ifndef BPFDOCTOR_FILES_H
#define BPFDOCTOR_FILES_H

#include "wire.h"

/* Answers with each file that TAG_NAME lists, one path a line: its content, or an error number. */
void files_read(const struct request *request, struct answers *out);

#endif
