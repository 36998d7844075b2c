/* PID 1 of a lab guest: finds the shared memory, then has workers serve requests for ever.
 *
 * There is a worker for each set of capabilities, started when it is first needed. It keeps what libbpf learns
 * about the kernel, so a further request costs no more than its load; a hostile object can kill only its worker.
 * The host stops the whole machine between requests.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attach.h"
#include "caps.h"
#include "files.h"
#include "object.h"
#include "replay.h"
#include "wire.h"

#define BELL 0xe9
#define PCI "/sys/bus/pci/devices"

struct worker {
	pid_t pid; /* 0: none */
	int pipe;
};

static struct worker workers[CAPS_UNPRIVILEGED + 1];
static uint8_t *channel;

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0) {
		if (write(fd, value, strlen(value)) < 0)
			perror(path);
		close(fd);
	}
}

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/tmp", 01777);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("bpffs", "/sys/fs/bpf", "bpf", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
}

static int has_id(const char *device, const char *name, const char *id)
{
	char path[512], value[16] = "";
	int fd;

	snprintf(path, sizeof(path), PCI "/%s/%s", device, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	if (read(fd, value, sizeof(value) - 1) < 0)
		value[0] = 0;
	close(fd);
	return !strncmp(value, id, strlen(id));
}

/* QEMU's ivshmem device: its memory is PCI resource 2, and needs no driver. */
static int find_channel(void)
{
	DIR *devices = opendir(PCI);
	struct dirent *entry;
	char path[512];
	int fd = -1;

	while (devices && fd < 0 && (entry = readdir(devices))) {
		if (!has_id(entry->d_name, "vendor", "0x1af4") || !has_id(entry->d_name, "device", "0x1110"))
			continue;
		snprintf(path, sizeof(path), PCI "/%s/enable", entry->d_name);
		put(path, "1");
		snprintf(path, sizeof(path), PCI "/%s/resource2", entry->d_name);
		fd = open(path, O_RDWR);
	}
	if (devices)
		closedir(devices);
	return fd;
}

static struct answers answers_for(uint32_t sequence)
{
	struct answers out = {
		.at = channel + ANSWER_AT,
		.room = CHANNEL_SIZE - ANSWER_AT,
		.sequence = sequence,
	};

	return out;
}

static void say_hello(struct answers *out)
{
	struct utsname name;

	uname(&name);
	answer_begin(out, ANSWER_HELLO);
	answer_text(out, TAG_RELEASE, name.release);
	answer_number(out, TAG_BTF, access("/sys/kernel/btf/vmlinux", R_OK) == 0);
	answer_end(out);
}

/* Does what the request asks, and says when all of it is done. */
static void serve(const struct request *request, uint32_t sequence)
{
	struct answers out = answers_for(sequence);

	if (request->op == OP_WARM)
		object_keep_btf();
	if (request->op == OP_REPLAY)
		replay(request, &out);
	else if (request->op == OP_FILES)
		files_read(request, &out);
	else if (request->op == OP_ATTACH)
		attach_and_count(request, &out);
	else
		object_load(request, &out);
	answer_begin(&out, ANSWER_DONE);
	answer_end(&out);
}

static void work(enum capabilities keep, int pipe)
{
	struct request request;
	uint32_t sequence;
	char go;

	if (give_up(keep))
		_exit(EXIT_FAILURE);
	while (read(pipe, &go, 1) == 1 && receive(channel, 0, &request, &sequence)) {
		serve(&request, sequence);
		if (write(pipe, &go, 1) != 1)
			break;
	}
	_exit(EXIT_FAILURE);
}

/* Has the worker with these capabilities serve the request at hand; its exit status when it dies of it. */
static int delegate(enum capabilities keep)
{
	struct worker *worker = &workers[keep];
	int ends[2], status = EXIT_FAILURE << 8;
	char go = 1;

	if (!worker->pid) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
			return status;
		worker->pipe = ends[0];
		worker->pid = fork();
		if (worker->pid == 0) {
			close(ends[0]);
			work(keep, ends[1]);
		}
		close(ends[1]);
	}
	if (worker->pid > 0 && write(worker->pipe, &go, 1) == 1 && read(worker->pipe, &go, 1) == 1)
		return 0;
	close(worker->pipe);
	if (worker->pid > 0)
		waitpid(worker->pid, &status, 0);
	worker->pid = 0;
	return status;
}

/* Where a dead worker's answers end; a new one goes behind them. */
static struct answers after_answers(uint32_t sequence)
{
	struct answers out = answers_for(sequence);
	struct frame frame;

	for (;;) {
		size_t size;

		memcpy(&frame, out.at, sizeof(frame));
		size = (sizeof(frame) + frame.length + 7) & ~(size_t)7;
		if (frame.magic != ANSWER_MAGIC || frame.sequence != sequence || size >= out.room)
			return out;
		out.at += size;
		out.room -= size;
	}
}

static void report_death(int status, uint32_t sequence)
{
	struct answers out = after_answers(sequence);

	answer_begin(&out, ANSWER_FAILED);
	answer_number(&out, TAG_SIGNAL, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	answer_end(&out);
	answer_begin(&out, ANSWER_DONE);
	answer_end(&out);
}

static void serve_for_ever(void)
{
	const struct timespec nap = {.tv_nsec = 50000};
	uint32_t last = 0, sequence, keep;
	struct request request;
	int status;

	for (;;) {
		if (!receive(channel, last, &request, &sequence)) {
			nanosleep(&nap, NULL);
			continue;
		}
		last = sequence;
		keep = number(&request, TAG_CAPABILITIES, CAPS_FULL);
		status = delegate(keep <= CAPS_UNPRIVILEGED ? keep : CAPS_UNPRIVILEGED);
		if (status)
			report_death(status, sequence);
	}
}

int main(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct answers out;
	int fd;

	ioperm(BELL, 1, 1); /* workers inherit it */
	signal(SIGPIPE, SIG_IGN);
	mount_all();
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	put("/proc/sys/kernel/unprivileged_bpf_disabled", "0");
	fd = find_channel();
	if (fd >= 0)
		channel = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || channel == MAP_FAILED) {
		fprintf(stderr, "bpfdoctor: this kernel shows no shared memory device\n");
		sleep(1);
		reboot(RB_AUTOBOOT);
	}
	close(fd);
	out = answers_for(0);
	say_hello(&out);
	serve_for_ever();
}
