/* Frames in the memory that host and guest share, and the fields inside a frame.
 *
 * The host writes one request at REQUEST_AT while the guest is stopped; the guest answers with frames one
 * behind the other from ANSWER_AT on. A frame is a header and a payload; the checksum covers both, and the
 * sequence is the request's, so neither an old frame nor anything a program makes the kernel print can be
 * taken for an answer. bpfdoctor/lab/frames.py is the other half: change both together.
 */
#ifndef BPFDOCTOR_WIRE_H
#define BPFDOCTOR_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define REQUEST_MAGIC 0x51445042u /* "BPDQ" */
#define ANSWER_MAGIC 0x41445042u  /* "BPDA" */
#define CHANNEL_SIZE (128u << 20)
#define REQUEST_AT 0u
#define ANSWER_AT (32u << 20)
#define LOG_LIMIT (40u << 20) /* of one log; two of them fit behind ANSWER_AT */

struct frame {
	uint32_t magic;
	uint32_t kind;
	uint32_t sequence;
	uint32_t length; /* of the payload */
	uint32_t crc;	 /* crc32 of kind, sequence, length and the payload */
};

/* What a request asks for. */
enum op { OP_WARM = 1, OP_OBJECT = 2, OP_REPLAY = 3, OP_FILES = 4, OP_ATTACH = 5 };

/* What an answer frame holds. */
enum answer {
	ANSWER_HELLO = 1,
	ANSWER_PROGRAM = 2,
	ANSWER_DONE = 3,
	ANSWER_FAILED = 4,
	ANSWER_BEGINS = 5,  /* the program that is loaded next */
	ANSWER_VERDICT = 6, /* it is refused; its trace, which can take long, comes next */
	ANSWER_FILE = 7,    /* a file of the guest's */
	ANSWER_COUNTED = 8, /* a program that was attached, or not */
};

/* Fields: u32 tag, u32 length, bytes. Numbers are u32, little endian. */
enum tag {
	TAG_OBJECT = 1,
	TAG_PROGRAM = 2, /* load only this one */
	TAG_FIRST = 3,	 /* skip programs before this index */
	TAG_LEVELS = 4,	 /* bit n: log level n */
	TAG_ALWAYS = 5,	 /* write the logs of programs that load, too */
	TAG_CAPABILITIES = 6,
	TAG_TYPE = 7, /* program type by its kernel name, instead of what the section says */
	TAG_OBJECT_NAME = 9,
	TAG_SETTINGS = 10, /* 1: what other loaders set is set (settings.h) */

	TAG_INDEX = 16,
	TAG_TOTAL = 17,
	TAG_NAME = 18,
	TAG_SECTION = 19,
	TAG_TYPE_NAME = 20,
	TAG_STATUS = 21,
	TAG_ERRNO = 22,
	TAG_LOG4 = 23,
	TAG_LOG1 = 24,
	TAG_LOG2 = 25,
	TAG_MESSAGES = 26,
	TAG_CUT = 27, /* bit n: the log of level n did not fit */
	TAG_RELEASE = 28,
	TAG_BTF = 29,
	TAG_SIGNAL = 30,
	TAG_HELPER = 32,   /* the highest number of a helper that the program calls */
	TAG_MAP_TYPE = 31, /* of the map that could not be created */
	TAG_CONTENT = 33,  /* of a file */
	TAG_SLEEPERS = 34, /* processes that are in nanosleep() meanwhile */
	TAG_NOT_ATTACHED = 35, /* the number of the error */
	TAG_COUNT = 36,
};

/* TAG_STATUS: who said what. */
enum status { STATUS_LOADS = 0, STATUS_REFUSED = 1, STATUS_NOT_LOADED = 2 };

struct request {
	uint32_t op;
	const uint8_t *payload;
	uint32_t length;
};

/* Where answers are written; `room` is what is left of the channel. */
struct answers {
	uint8_t *at;
	size_t room;
	uint32_t sequence;
	struct frame *open; /* the frame being written */
	int overflow;
};

const void *field(const struct request *request, uint32_t tag, uint32_t *length);
uint32_t number(const struct request *request, uint32_t tag, uint32_t otherwise);
/* The field as a fresh NUL-terminated string, or NULL. */
char *text(const struct request *request, uint32_t tag);

/* 1: a whole, fresh request lies at `channel`. */
int receive(const uint8_t *channel, uint32_t last, struct request *request, uint32_t *sequence);

void answer_begin(struct answers *out, enum answer kind);
void answer_bytes(struct answers *out, uint32_t tag, const void *data, size_t length);
void answer_number(struct answers *out, uint32_t tag, uint32_t value);
void answer_text(struct answers *out, uint32_t tag, const char *value);
/* Seals the frame, rings the host; 0 when it did not fit (and nothing was sent). */
int answer_end(struct answers *out);

#endif
