/* PID 1 of a lab guest: finds the shared memory, then serves requests for ever.
 *
 * Each request runs in a child, so that a hostile object can kill only its own answer, and gives up
 * privileges there. A child with less than full privileges starts over (exec): libbpf must find out by itself
 * what this kernel lets it do. The host stops the whole machine between requests.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caps.h"
#include "object.h"
#include "wire.h"

#define BELL 0xe9
#define CHANNEL_FD 100
#define PCI "/sys/bus/pci/devices"

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

static int map_channel(int fd)
{
	channel = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return channel == MAP_FAILED ? -1 : 0;
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

/* In the child: does what the request asks, and says when all of it is done. */
static void serve(const struct request *request, uint32_t sequence)
{
	struct answers out = answers_for(sequence);

	if (request->op == OP_OBJECT || request->op == OP_WARM)
		object_load(request, &out);
	answer_begin(&out, ANSWER_DONE);
	answer_end(&out);
}

/* Where the child's answers end; a new one goes behind them. */
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

static void run_child(const struct request *request, uint32_t sequence)
{
	enum capabilities keep = number(request, TAG_CAPABILITIES, CAPS_FULL);
	char *again[] = {"/init", "serve", NULL};
	int status = 0;
	pid_t child;

	child = fork();
	if (child == 0) {
		if (keep == CAPS_FULL) {
			serve(request, sequence);
			_exit(0);
		}
		if (give_up(keep) == 0)
			execv(again[0], again);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	if (child < 0 || status) {
		struct answers out = after_answers(sequence);

		answer_begin(&out, ANSWER_FAILED);
		answer_number(&out, TAG_SIGNAL, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		answer_number(&out, TAG_ERRNO, child < 0 ? errno : 0);
		answer_end(&out);
		answer_begin(&out, ANSWER_DONE);
		answer_end(&out);
	}
}

static void serve_for_ever(void)
{
	const struct timespec nap = {.tv_nsec = 50000};
	uint32_t last = 0, sequence;
	struct request request;

	for (;;) {
		if (!receive(channel, last, &request, &sequence)) {
			nanosleep(&nap, NULL);
			continue;
		}
		last = sequence;
		if (request.op == OP_WARM) { /* here, so that what it fills is there for every later child */
			object_keep_btf();
			serve(&request, sequence);
		} else {
			run_child(&request, sequence);
		}
	}
}

int main(int argc, char **argv)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct answers out;
	int fd;

	ioperm(BELL, 1, 1);
	if (argc > 1 && !strcmp(argv[1], "serve")) {
		struct request request;
		uint32_t sequence;

		if (map_channel(CHANNEL_FD) || !receive(channel, 0, &request, &sequence))
			return 1;
		serve(&request, sequence);
		return 0;
	}
	mount_all();
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	put("/proc/sys/kernel/unprivileged_bpf_disabled", "0");
	put("/proc/sys/kernel/printk", "3 3 3 3");
	fd = find_channel();
	if (fd < 0 || dup2(fd, CHANNEL_FD) < 0 || map_channel(fd)) {
		fprintf(stderr, "bpfdoctor: this kernel shows no shared memory device\n");
		sleep(1);
		reboot(RB_AUTOBOOT);
	}
	close(fd);
	out = answers_for(0);
	say_hello(&out);
	serve_for_ever();
}
