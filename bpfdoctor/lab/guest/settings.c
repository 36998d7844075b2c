/* What other loaders set before they load. capture/_loader_settings.py does the same on the host, and says so. */
#define _GNU_SOURCE
#include "settings.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#define LARGE_VALUE 4096
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* enum bpf_map_type of kernels that are newer than the headers, too */
enum { HASH = 1, ARRAY, PROG_ARRAY, PERF_EVENTS, PERCPU_HASH, PERCPU_ARRAY, STACK_TRACE, CGROUP_ARRAY, LRU_HASH,
       LRU_PERCPU_HASH, LPM_TRIE, ARRAY_OF_MAPS, HASH_OF_MAPS, DEVMAP, SOCKMAP, CPUMAP, XSKMAP, SOCKHASH,
       CGROUP_STORAGE, REUSEPORT, PERCPU_CGROUP_STORAGE, QUEUE, STACK, SK_STORAGE, DEVMAP_HASH, STRUCT_OPS,
       RINGBUF, INODE_STORAGE, TASK_STORAGE, BLOOM_FILTER, USER_RINGBUF, CGRP_STORAGE };

#define IN(type, ...) in(type, (const int[]){__VA_ARGS__}, COUNT(((const int[]){__VA_ARGS__})))

static int in(int type, const int *types, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (types[i] == type)
			return 1;
	return 0;
}

static int is_ring_buffer(int type)
{
	return type == RINGBUF || type == USER_RINGBUF;
}

static int has_ring_buffer(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (is_ring_buffer(bpf_map__type(map)))
			return 1;
	return 0;
}

/* bpf_ringbuf_output to bpf_ringbuf_query, bpf_ringbuf_reserve_dynptr */
static int writes_ring_buffer(struct bpf_object *object)
{
	const struct bpf_insn *insns;
	struct bpf_program *program;
	size_t i;

	bpf_object__for_each_program(program, object) {
		insns = bpf_program__insns(program);
		for (i = 0; insns && i < bpf_program__insn_cnt(program); i++)
			if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
			    ((insns[i].imm >= 130 && insns[i].imm <= 133) || insns[i].imm == 209))
				return 1;
	}
	return 0;
}

static void set_inner_map(struct bpf_object *object, struct bpf_map *map)
{
	int fd, rings = !has_ring_buffer(object) && writes_ring_buffer(object);

	if (rings)
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "stand_in", 0, 0, sysconf(_SC_PAGESIZE), NULL);
	else
		fd = bpf_map_create(BPF_MAP_TYPE_HASH, "stand_in", 1, LARGE_VALUE, 1, NULL);
	if (fd >= 0)
		bpf_map__set_inner_map_fd(map, fd);
}

void settings_size_maps(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		int type = bpf_map__type(map);

		if (!bpf_map__max_entries(map) &&
		    !IN(type, PERF_EVENTS, CGROUP_STORAGE, PERCPU_CGROUP_STORAGE, SK_STORAGE, STRUCT_OPS, INODE_STORAGE,
			TASK_STORAGE, CGRP_STORAGE))
			bpf_map__set_max_entries(map, is_ring_buffer(type) ? sysconf(_SC_PAGESIZE) : 1);
		if (!bpf_map__key_size(map) && IN(type, ARRAY, PROG_ARRAY, PERF_EVENTS, PERCPU_ARRAY, STACK_TRACE,
						  CGROUP_ARRAY, ARRAY_OF_MAPS, DEVMAP, SOCKMAP, CPUMAP, XSKMAP, DEVMAP_HASH))
			bpf_map__set_key_size(map, 4);
		if (!bpf_map__value_size(map) &&
		    IN(type, PROG_ARRAY, PERF_EVENTS, CGROUP_ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS, DEVMAP, SOCKMAP, CPUMAP,
		       XSKMAP, SOCKHASH, DEVMAP_HASH))
			bpf_map__set_value_size(map, 4);
		if (!bpf_map__value_size(map) && type == STACK_TRACE)
			bpf_map__set_value_size(map, 8);
		if (IN(type, ARRAY_OF_MAPS, HASH_OF_MAPS) && !bpf_map__inner_map(map))
			set_inner_map(object, map);
		if (!bpf_map__value_size(map) && IN(type, HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH,
						    LRU_PERCPU_HASH, LPM_TRIE, QUEUE, STACK))
			bpf_map__set_value_size(map, LARGE_VALUE);
	}
}

/* Sections of a later libbpf: what they are here, and the expected attach type. */
static const struct {
	const char *name, *known;
	int attach;
} newer[] = {
	{"tc/ingress", "tc", 0},	  {"tc/egress", "tc", 0},
	{"tcx/ingress", "tc", 46},	  {"tcx/egress", "tc", 47},
	{"netkit/primary", "tc", 54},	  {"netkit/peer", "tc", 55},
	{"uprobe.multi", "uprobe", 48},	  {"uretprobe.multi", "uretprobe", 48},
	{"kprobe.session", "kprobe", 56}, {"uprobe.session", "uprobe", 57},
};

/* Sections whose type other loaders take from how they begin. */
static const char *const older[] = {
	"classifier", "action", "socket", "xdp", "tc", "sk_skb", "sk_msg", "sockops", "kretprobe", "kprobe", "perf_event",
};

static void set(struct bpf_program *program, const char *known, int attach)
{
	enum bpf_attach_type expected = 0;
	enum bpf_prog_type type;

	if (libbpf_prog_type_by_name(known, &type, &expected))
		return;
	bpf_program__set_type(program, type);
	bpf_program__set_expected_attach_type(program, attach < 0 ? expected : (enum bpf_attach_type)attach);
}

void settings_type(struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program);
	size_t i;

	if (bpf_program__type(program) != BPF_PROG_TYPE_UNSPEC)
		return;
	for (i = 0; i < COUNT(newer); i++) {
		size_t length = strlen(newer[i].name);

		if (!strncmp(section, newer[i].name, length) && (!section[length] || section[length] == '/')) {
			set(program, newer[i].known, newer[i].attach);
			return;
		}
	}
	for (i = 0; i < COUNT(older); i++) {
		size_t length = strlen(older[i]);

		if (!strncmp(section, older[i], length) && !isalpha((unsigned char)section[length])) {
			set(program, older[i], -1);
			return;
		}
	}
}
