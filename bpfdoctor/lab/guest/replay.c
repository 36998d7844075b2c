/* Repeats recorded bpf(2) calls, as libbcc made them on the host: BTF and maps first, then each program.
 *
 * A record (lab/recording.py writes them): u32 command, descriptor it got then, bytes of attributes, number of
 * blobs; the attributes; each blob: u32 offset of its pointer in the attributes, u32 length, the bytes. Descriptors
 * are exchanged for ours. As libbcc does, BTF that this kernel refuses is left out.
 */
#define _GNU_SOURCE
#include "replay.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "object.h"

#define MOST_FDS 4096
#define TARGET 0xffffffffu /* a blob: u32 BTF kind and the name of what a tracing program attaches to */
#define PSEUDO_MAP_FD 1
#define PSEUDO_MAP_VALUE 2

struct record {
	uint32_t command, fd, size, blobs;
	union {
		union bpf_attr attr;
		char room[512];
	};
	const uint8_t *rest; /* the blobs */
};

struct session {
	int fds[MOST_FDS]; /* by recorded descriptor; 0: none */
	char trouble[256]; /* what failed before any program */
	int error;
	uint32_t map_type;
	struct verdict verdict;
	struct wanted wanted;
};

static const uint8_t *take(const uint8_t *at, const uint8_t *end, struct record *record)
{
	uint32_t i, head[4], blob[2];

	if (end - at < (long)sizeof(head))
		return NULL;
	memcpy(head, at, sizeof(head));
	at += sizeof(head);
	*record = (struct record){.command = head[0], .fd = head[1], .size = head[2], .blobs = head[3]};
	if (record->size > sizeof(record->room) || record->fd >= MOST_FDS || (size_t)(end - at) < record->size)
		return NULL;
	memcpy(record->room, at, record->size);
	at += record->size;
	record->rest = at;
	for (i = 0; i < record->blobs; i++) {
		if ((size_t)(end - at) < sizeof(blob))
			return NULL;
		memcpy(blob, at, sizeof(blob));
		at += sizeof(blob);
		if ((size_t)(end - at) < blob[1])
			return NULL;
		at += blob[1];
	}
	return at;
}

/* The blob for the pointer at `offset`, or NULL. */
static uint8_t *blob(const struct record *record, uint32_t offset, uint32_t *length)
{
	const uint8_t *at = record->rest;
	uint32_t i, head[2];

	for (i = 0; i < record->blobs; i++) {
		memcpy(head, at, sizeof(head));
		at += sizeof(head);
		if (head[0] == offset) {
			*length = head[1];
			return (uint8_t *)at;
		}
		at += head[1];
	}
	return NULL;
}

static void point(struct record *record)
{
	const uint8_t *at = record->rest;
	uint32_t i, head[2];

	for (i = 0; i < record->blobs; i++) {
		memcpy(head, at, sizeof(head));
		at += sizeof(head);
		if ((uint64_t)head[0] + sizeof(uint64_t) <= record->size) {
			uint64_t pointer = (uint64_t)(unsigned long)at;

			memcpy(record->room + head[0], &pointer, sizeof(pointer));
		}
		at += head[1];
	}
}

static int ours(const struct session *session, uint32_t fd)
{
	return fd < MOST_FDS ? session->fds[fd] : 0;
}

static void load_btf(struct session *session, struct record *record)
{
	int fd;

	record->attr.btf_log_buf = 0;
	record->attr.btf_log_size = 0;
	record->attr.btf_log_level = 0;
	fd = syscall(SYS_bpf, BPF_BTF_LOAD, &record->attr, record->size);
	session->fds[record->fd] = fd > 0 ? fd : 0;
}

static void create_map(struct session *session, struct record *record)
{
	union bpf_attr *attr = &record->attr;
	int fd;

	attr->btf_fd = ours(session, attr->btf_fd);
	attr->inner_map_fd = ours(session, attr->inner_map_fd);
	if (!attr->btf_fd)
		attr->btf_key_type_id = attr->btf_value_type_id = 0;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, attr, record->size);
	if (fd < 0 && attr->btf_fd) {
		attr->btf_fd = attr->btf_key_type_id = attr->btf_value_type_id = 0;
		fd = syscall(SYS_bpf, BPF_MAP_CREATE, attr, record->size);
	}
	session->fds[record->fd] = fd > 0 ? fd : 0;
	if (fd < 0 && !session->error) {
		session->error = errno;
		session->map_type = attr->map_type;
		snprintf(session->trouble, sizeof(session->trouble), "could not open bpf map: %.*s, error: %s\n",
			 BPF_OBJ_NAME_LEN, attr->map_name, strerror(errno));
	}
}

static void exchange_maps(const struct session *session, struct bpf_insn *insns, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg == PSEUDO_MAP_FD || insns[i].src_reg == PSEUDO_MAP_VALUE)
			insns[i].imm = ours(session, insns[i].imm);
		i++; /* it takes two slots */
	}
}

/* Finds what a tracing program attaches to in this kernel's BTF; 0, or an errno. */
static int find_target(struct session *session, struct record *record)
{
	uint32_t kind, length;
	const uint8_t *data = blob(record, TARGET, &length);
	char name[256] = "";
	int id;

	if (!data || length <= sizeof(kind))
		return 0;
	memcpy(&kind, data, sizeof(kind));
	snprintf(name, sizeof(name), "%.*s", (int)(length - sizeof(kind)), (const char *)data + sizeof(kind));
	id = object_find_btf(name, kind);
	if (id > 0) {
		record->attr.attach_btf_id = id;
		return 0;
	}
	snprintf(session->trouble, sizeof(session->trouble), "bpf: this kernel's BTF has no %s\n", name);
	return ESRCH;
}

static int load_program(struct session *session, struct record *record)
{
	union bpf_attr *attr = &record->attr;
	int error = session->error, fd;

	if (!error)
		error = find_target(session, record);
	if (error)
		return error;
	attr->prog_btf_fd = ours(session, attr->prog_btf_fd);
	if (!attr->prog_btf_fd) {
		attr->func_info = attr->func_info_rec_size = attr->func_info_cnt = 0;
		attr->line_info = attr->line_info_rec_size = attr->line_info_cnt = 0;
	}
	exchange_maps(session, (struct bpf_insn *)(unsigned long)attr->insns, attr->insn_cnt);
	fd = verify(attr, record->size, &session->verdict, &session->wanted);
	if (fd >= 0)
		close(fd);
	return session->verdict.error;
}

static void describe(const struct record *record, struct answers *out)
{
	char name[BPF_OBJ_NAME_LEN + 1] = "";

	memcpy(name, record->attr.prog_name, BPF_OBJ_NAME_LEN);
	answer_text(out, TAG_NAME, name);
	answer_text(out, TAG_TYPE_NAME, libbpf_bpf_prog_type_str(record->attr.prog_type));
}

static void send(struct session *session, const struct record *record, uint32_t index, int error,
		 struct answers *out)
{
	int status = STATUS_NOT_LOADED;

	if (session->verdict.asked)
		status = error ? STATUS_REFUSED : STATUS_LOADS;
	answer_begin(out, ANSWER_PROGRAM);
	answer_number(out, TAG_INDEX, index);
	describe(record, out);
	answer_number(out, TAG_STATUS, status);
	answer_number(out, TAG_ERRNO, error);
	answer_text(out, TAG_MESSAGES, session->trouble);
	verdict_send(&session->verdict, out);
	answer_end(out);
	if (!session->error) /* a map that failed is the trouble of every program, a missing target only of one */
		session->trouble[0] = 0;
}

/* Closes what an earlier replay made. */
static void forget(struct session *session)
{
	int i;

	for (i = 0; i < MOST_FDS; i++)
		if (session->fds[i])
			close(session->fds[i]);
	memset(session->fds, 0, sizeof(session->fds));
	session->trouble[0] = 0;
	session->error = 0;
	session->map_type = 0;
}

void replay(const struct request *request, struct answers *out)
{
	static struct session session;
	uint32_t length, index = 0, first = number(request, TAG_FIRST, 0);
	const void *data = field(request, TAG_OBJECT, &length);
	uint8_t *copy = malloc(length);
	const uint8_t *at = copy;
	struct record record;

	if (!data || !copy) {
		free(copy);
		return;
	}
	memcpy(copy, data, length); /* instructions are changed in place */
	forget(&session);
	session.wanted = wanted_by(request, out);
	while (!out->overflow && (at = take(at, copy + length, &record))) {
		point(&record);
		if (record.command == BPF_BTF_LOAD) {
			load_btf(&session, &record);
		} else if (record.command == BPF_MAP_CREATE) {
			create_map(&session, &record);
		} else if (record.command == BPF_PROG_LOAD && index++ >= first) {
			verify_prepare(&session.verdict, &session.wanted);
			session.verdict.map_type = session.map_type;
			answer_begin(out, ANSWER_BEGINS);
			describe(&record, out);
			answer_end(out);
			send(&session, &record, index - 1, load_program(&session, &record), out);
		}
	}
	forget(&session);
	free(copy);
}
