/* Loads the programs of an ELF object, one at a time, with libbpf.
 *
 * Each program gets an object of its own, opened afresh, in which only that program is loaded, so that one
 * refusal hides no other. Maps, CO-RE relocations, attach targets and kfuncs are resolved here, against
 * this kernel's BTF. Nothing is pinned and nothing is attached.
 */
#define _GNU_SOURCE
#include "object.h"
#include "settings.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES_LIMIT (256u << 10)

static char messages[MESSAGES_LIMIT];
static size_t messages_length;

/* libbpf parses the kernel's BTF (5 MB and more) for every object; here once in a worker's life. */
static struct btf *kept_btf;

struct btf *__real_btf__load_vmlinux_btf(void);
void __real_btf__free(struct btf *btf);

struct btf *__wrap_btf__load_vmlinux_btf(void)
{
	if (!kept_btf)
		object_keep_btf();
	return kept_btf ? kept_btf : __real_btf__load_vmlinux_btf(); /* once more, for its error */
}

void __wrap_btf__free(struct btf *btf)
{
	if (!kept_btf || btf != kept_btf)
		__real_btf__free(btf);
}

void object_keep_btf(void)
{
	struct btf *btf = __real_btf__load_vmlinux_btf();

	kept_btf = libbpf_get_error(btf) ? NULL : btf;
}

int object_find_btf(const char *name, uint32_t kind)
{
	if (!kept_btf)
		object_keep_btf();
	return kept_btf ? btf__find_by_name_kind(kept_btf, name, kind) : -ENOENT;
}

static int keep_message(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t room = sizeof(messages) - messages_length;
	int length;

	if (level == LIBBPF_DEBUG || room <= 1)
		return 0;
	length = vsnprintf(messages + messages_length, room, format, arguments);
	if (length > 0)
		messages_length += (size_t)length < room ? (size_t)length : room - 1;
	return 0;
}

struct bpf_object *object_open(const struct request *request)
{
	char *name = text(request, TAG_OBJECT_NAME);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name ? name : "program");
	uint32_t length;
	const void *bytes = field(request, TAG_OBJECT, &length);
	struct bpf_object *object;
	struct bpf_map *map;

	object = bpf_object__open_mem(bytes, length, &options);
	free(name);
	if (libbpf_get_error(object))
		return NULL;
	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
	if (number(request, TAG_SETTINGS, 0))
		settings_size_maps(object);
	return object;
}

/* `name` is a section ("xdp", "fentry/do_unlinkat") or the kernel's name of a type ("sched_cls"); 0: nobody knows it. */
static int set_type(struct bpf_program *program, const char *name)
{
	enum bpf_attach_type attach = 0;
	enum bpf_prog_type type;
	const char *known, *target = strchr(name, '/');

	if (libbpf_prog_type_by_name(name, &type, &attach)) {
		for (type = 1; (known = libbpf_bpf_prog_type_str(type)); type++)
			if (!strcmp(known, name))
				break;
		if (!known)
			return 0;
	}
	bpf_program__set_type(program, type);
	bpf_program__set_expected_attach_type(program, attach);
	if (target && (type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM || type == BPF_PROG_TYPE_EXT))
		bpf_program__set_attach_target(program, 0, target + 1);
	return 1;
}

/* The highest number of a helper that the program, or a function of its own, calls: the newest one. */
static uint32_t newest_helper(const struct bpf_program *program)
{
	const struct bpf_insn *insns = bpf_program__insns(program);
	size_t i, count = bpf_program__insn_cnt(program);
	uint32_t newest = 0;

	for (i = 0; insns && i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg && (uint32_t)insns[i].imm > newest)
			newest = insns[i].imm;
	return newest;
}

static void describe(const struct bpf_program *program, struct answers *out)
{
	answer_text(out, TAG_NAME, bpf_program__name(program));
	answer_text(out, TAG_SECTION, bpf_program__section_name(program));
	answer_text(out, TAG_TYPE_NAME, libbpf_bpf_prog_type_str(bpf_program__type(program)));
}

static void send_program(const struct bpf_program *program, uint32_t index, uint32_t total,
			 const struct verdict *verdict, int error, struct answers *out)
{
	int status = STATUS_NOT_LOADED;

	/* the verifier's word counts: libbpf can still stumble over the programs that were left out */
	if (verdict->asked)
		status = verdict->error ? STATUS_REFUSED : STATUS_LOADS;

	answer_begin(out, ANSWER_PROGRAM);
	answer_number(out, TAG_INDEX, index);
	answer_number(out, TAG_TOTAL, total);
	describe(program, out);
	answer_number(out, TAG_STATUS, status);
	answer_number(out, TAG_ERRNO, verdict->asked ? verdict->error : error);
	answer_bytes(out, TAG_MESSAGES, messages, messages_length);
	answer_number(out, TAG_HELPER, newest_helper(program));
	verdict_send(verdict, out);
	answer_end(out);
}

static void send_failure(int error, struct answers *out)
{
	answer_begin(out, ANSWER_FAILED);
	answer_number(out, TAG_ERRNO, error);
	answer_bytes(out, TAG_MESSAGES, messages, messages_length);
	answer_end(out);
}

struct bpf_program *object_choose(struct bpf_object *object, const char *only, uint32_t *index, uint32_t *total)
{
	struct bpf_program *program, *mine = NULL;

	*total = 0;
	bpf_object__for_each_program(program, object) {
		int wanted = only ? !strcmp(only, bpf_program__name(program)) : *total == *index;

		if (wanted && !mine) {
			mine = program;
			*index = *total;
		}
		bpf_program__set_autoload(program, program == mine);
		++*total;
	}
	return mine;
}

struct job {
	const struct request *request;
	struct wanted wanted;
	char *only, *type;
	struct answers *out;
};

/* Loads one program; how many the object has. */
static uint32_t load_one(const struct job *job, uint32_t index)
{
	static struct verdict verdict;
	struct bpf_program *mine;
	struct bpf_object *object;
	uint32_t total;
	int error;

	messages_length = 0;
	verify_prepare(&verdict, &job->wanted);
	object = object_open(job->request);
	if (!object) {
		send_failure(errno, job->out);
		return 0;
	}
	mine = object_choose(object, job->only, &index, &total);
	if (mine && job->type && !set_type(mine, job->type)) {
		send_failure(EPROTOTYPE, job->out);
		total = 0;
	} else if (mine) {
		if (!job->type && number(job->request, TAG_SETTINGS, 0))
			settings_type(mine);
		bpf_program__set_log_level(mine, 4);
		bpf_program__set_log_buf(mine, verdict.logs[1].text, verdict.logs[1].size);
		answer_begin(job->out, ANSWER_BEGINS);
		describe(mine, job->out);
		answer_end(job->out);
		verify_watch(verdict.logs[1].text, &verdict, &job->wanted);
		error = -bpf_object__load(object);
		verify_watch(NULL, NULL, NULL);
		send_program(mine, index, total, &verdict, error, job->out);
	} else {
		send_failure(ENOENT, job->out);
	}
	bpf_object__close(object);
	return total;
}

void object_load(const struct request *request, struct answers *out)
{
	struct job job = {
		.request = request,
		.wanted = wanted_by(request, out),
		.only = text(request, TAG_PROGRAM),
		.type = text(request, TAG_TYPE),
		.out = out,
	};
	uint32_t index = number(request, TAG_FIRST, 0), total;

	libbpf_set_print(keep_message);
	do
		total = load_one(&job, index);
	while (++index < total && !job.only && !out->overflow);
	free(job.only);
	free(job.type);
}
