/* Loads one program at several log levels.
 *
 * Level 4 first: it prints only the error and the statistics, so it is cheap, it always fits, and its errno is
 * the real one (at levels 1 and 2 a log larger than the buffer turns errno into ENOSPC). Then the levels asked for.
 *
 * libbpf reaches the kernel through libc's syscall(), which the linker replaces by the function below
 * (--wrap=syscall): the very load that libbpf wanted is repeated at each level, with its maps and relocations,
 * without opening the object again.
 */
#define _GNU_SOURCE
#include "verify.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OLD_LOG_LIMIT ((16u << 20) - 1) /* kernels before 6.4 refuse a larger buffer with EINVAL */

long __real_syscall(long number, ...);

static char *watched;
static struct verdict *watched_verdict;
static const struct wanted *watched_wanted;

void verify_watch(char *buffer, struct verdict *verdict, const struct wanted *wanted)
{
	watched = buffer;
	watched_verdict = verdict;
	watched_wanted = wanted;
}

struct wanted wanted_by(const struct request *request, struct answers *out)
{
	struct wanted wanted = {
		.levels = number(request, TAG_LEVELS, 1u << 1),
		.always = number(request, TAG_ALWAYS, 0),
		.limit = LOG_LIMIT,
		.out = out,
	};

	return wanted;
}

void verify_prepare(struct verdict *verdict, const struct wanted *wanted)
{
	int level;

	for (level = 1; level <= 4; level++) {
		struct log *log = &verdict->logs[level];

		if (level == 3)
			continue;
		if (log->text) /* gives memory back; a kernel without CONFIG_ADVISE_SYSCALLS refuses, so: */
			madvise(log->text, log->size, MADV_DONTNEED);
		else
			log->text = mmap(NULL, wanted->limit, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		log->text[0] = 0; /* what the last program left must not be taken for this one's */
		log->size = wanted->limit;
	}
	verdict->asked = 0;
	verdict->error = 0;
	verdict->cut = 0;
	verdict->map_type = 0;
}

static int load(union bpf_attr *attr, unsigned int size, int level, struct log *log)
{
	size_t room = log->size;
	int fd, tries = 5;

	for (;;) {
		attr->log_level = level;
		attr->log_buf = (uint64_t)(unsigned long)log->text;
		attr->log_size = room;
		fd = __real_syscall(SYS_bpf, BPF_PROG_LOAD, attr, size);
		if (fd >= 0)
			return fd;
		if (errno == EAGAIN && tries-- > 0)
			continue;
		if (errno != EINVAL || log->text[0] || room <= OLD_LOG_LIMIT)
			return fd;
		room = OLD_LOG_LIMIT;
	}
}

int verify(void *attr, unsigned int size, struct verdict *verdict, const struct wanted *wanted)
{
	static const int levels[] = {1, 2};
	union {
		union bpf_attr attr;
		char room[512]; /* libbpf may know a longer bpf_attr than the headers here */
	} copy = {};
	int fd, error;
	size_t i;

	if (size > sizeof(copy)) {
		errno = E2BIG;
		return -1;
	}
	memcpy(&copy, attr, size);
	fd = load(&copy.attr, size, 4, &verdict->logs[4]);
	error = fd < 0 ? errno : 0;
	verdict->asked = 1;
	verdict->error = error;
	if (error && wanted->levels) {
		answer_begin(wanted->out, ANSWER_VERDICT);
		answer_number(wanted->out, TAG_STATUS, STATUS_REFUSED);
		answer_number(wanted->out, TAG_ERRNO, error);
		answer_text(wanted->out, TAG_LOG4, verdict->logs[4].text);
		answer_end(wanted->out);
	}
	for (i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		int again;

		if (!(wanted->levels & (1u << levels[i])) || (!error && !wanted->always))
			continue;
		memcpy(&copy, attr, size);
		again = load(&copy.attr, size, levels[i], &verdict->logs[levels[i]]);
		if (again >= 0)
			close(again);
		else if (errno == ENOSPC)
			verdict->cut |= 1u << levels[i];
	}
	errno = error;
	return fd;
}

long __wrap_syscall(long number, ...)
{
	long a, b, c, d, e, f, result;
	va_list list;

	va_start(list, number);
	a = va_arg(list, long);
	b = va_arg(list, long);
	c = va_arg(list, long);
	d = va_arg(list, long);
	e = va_arg(list, long);
	f = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && (int)a == BPF_PROG_LOAD && watched &&
	    ((union bpf_attr *)b)->log_buf == (uint64_t)(unsigned long)watched)
		return verify((void *)b, (unsigned int)c, watched_verdict, watched_wanted);
	result = __real_syscall(number, a, b, c, d, e, f);
	if (number == SYS_bpf && (int)a == BPF_MAP_CREATE && watched && result < 0)
		watched_verdict->map_type = ((union bpf_attr *)b)->map_type;
	return result;
}

void verdict_send(const struct verdict *verdict, struct answers *out)
{
	answer_text(out, TAG_LOG4, verdict->logs[4].text);
	if (verdict->logs[1].text[0])
		answer_text(out, TAG_LOG1, verdict->logs[1].text);
	if (verdict->logs[2].text[0])
		answer_text(out, TAG_LOG2, verdict->logs[2].text);
	answer_number(out, TAG_CUT, verdict->cut);
	if (!verdict->asked && verdict->map_type)
		answer_number(out, TAG_MAP_TYPE, verdict->map_type);
}
