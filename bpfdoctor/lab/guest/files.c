/* Reads files of the guest's kernel for the host: /proc, /sys, tracefs and their like. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define ROOM (24u << 20) /* bytes of one file: a kernel's symbols take eight */
#define PART (1u << 20)  /* bytes at once: files in /proc/sys refuse 4 MB and more (proc_sys_call_handler) */

/* Reads a file that does not tell its size; how much there is, or -1. */
static ssize_t read_all(const char *path, char *into, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0, all = 0;

	if (fd < 0)
		return -1;
	while ((size_t)all < room && (got = read(fd, into + all, room - all < PART ? room - all : PART)) > 0)
		all += got;
	close(fd);
	return got < 0 ? -1 : all;
}

void files_read(const struct request *request, struct answers *out)
{
	char *paths = text(request, TAG_NAME), *rest = paths, *path;
	char *content = malloc(ROOM);

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	while (paths && content && (path = strsep(&rest, "\n"))) {
		ssize_t size = read_all(path, content, ROOM);

		answer_begin(out, ANSWER_FILE);
		answer_text(out, TAG_NAME, path);
		if (size < 0)
			answer_number(out, TAG_ERRNO, errno);
		else
			answer_bytes(out, TAG_CONTENT, content, size);
		answer_end(out);
	}
	free(content);
	free(paths);
}
