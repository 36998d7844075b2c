/* Preloaded into a process that loads BPF programs through libc's syscall() (libbcc, libbpf): writes down what it
 * asks of bpf(2), and answers as a kernel would that accepts everything. Nothing reaches the kernel, so no privilege
 * is needed. bpfdoctor/lab/recording.py reads what this writes.
 *
 * A record: u32 command, descriptor answered, bytes of attributes, number of blobs; the attributes; then each blob:
 * u32 offset in the attributes of the pointer to it, u32 length, the bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BLOBS 4
#define OFFSET(member) offsetof(union bpf_attr, member)

struct blob {
	uint32_t offset, length;
	const void *data;
};

static int output = -1;

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("BPFDOCTOR_RECORD");

	if (path)
		output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int write_record(uint32_t command, int fd, const void *attr, uint32_t size, const struct blob *blobs, int count)
{
	uint32_t head[4] = {command, (uint32_t)fd, size, (uint32_t)count};
	struct iovec parts[2 + 2 * BLOBS] = {{head, sizeof(head)}, {(void *)attr, size}};
	ssize_t expected = sizeof(head) + size;
	int i, n = 2;

	for (i = 0; i < count; i++) {
		parts[n++] = (struct iovec){(void *)&blobs[i], 2 * sizeof(uint32_t)};
		parts[n++] = (struct iovec){(void *)blobs[i].data, blobs[i].length};
		expected += 2 * sizeof(uint32_t) + blobs[i].length;
	}
	return writev(output, parts, n) == expected ? 0 : -1;
}

static int add(struct blob *blobs, int count, uint32_t offset, uint64_t pointer, uint64_t length)
{
	if (!pointer || !length || count >= BLOBS || length > UINT32_MAX)
		return count;
	blobs[count] = (struct blob){offset, (uint32_t)length, (const void *)(uintptr_t)pointer};
	return count + 1;
}

static long answer(int command, const union bpf_attr *attr, uint32_t size)
{
	union bpf_attr whole = {}; /* callers may know fewer fields than the headers here */
	struct blob blobs[BLOBS];
	int fd, n = 0;

	memcpy(&whole, attr, size < sizeof(whole) ? size : sizeof(whole));
	switch (command) {
	case BPF_MAP_CREATE:
		break;
	case BPF_BTF_LOAD:
		n = add(blobs, n, OFFSET(btf), whole.btf, whole.btf_size);
		break;
	case BPF_PROG_LOAD:
		n = add(blobs, n, OFFSET(insns), whole.insns, 8ull * whole.insn_cnt);
		if (whole.license)
			n = add(blobs, n, OFFSET(license), whole.license, strlen((char *)(uintptr_t)whole.license) + 1);
		n = add(blobs, n, OFFSET(func_info), whole.func_info,
			(uint64_t)whole.func_info_rec_size * whole.func_info_cnt);
		n = add(blobs, n, OFFSET(line_info), whole.line_info,
			(uint64_t)whole.line_info_rec_size * whole.line_info_cnt);
		break;
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_FREEZE:
		return 0; /* no verdict depends on it */
	default:
		errno = EINVAL;
		return -1;
	}
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fd < 3) { /* libbpf copies such a descriptor, and we would lose track of it */
		int higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);

		close(fd);
		fd = higher;
	}
	if (fd < 0 || write_record(command, fd, attr, size, blobs, n)) {
		errno = EIO;
		return -1;
	}
	return fd;
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && output >= 0)
		return answer((int)a[0], (const union bpf_attr *)a[1], (uint32_t)a[2]);
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
