/* Reads requests from, and writes answers to, the shared memory. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <zlib.h>

#define BELL 0xe9 /* QEMU's debug port: one byte there wakes the host */

static uint32_t checksum(const struct frame *frame, const uint8_t *payload, uint32_t length)
{
	uint32_t crc = crc32(0, (const Bytef *)&frame->kind, 12); /* kind, sequence, length */

	return crc32(crc, payload, length);
}

int receive(const uint8_t *channel, uint32_t last, struct request *request, uint32_t *sequence)
{
	struct frame frame;

	memcpy(&frame, channel + REQUEST_AT, sizeof(frame));
	if (frame.magic != REQUEST_MAGIC || frame.sequence == last)
		return 0;
	if (frame.length > ANSWER_AT - REQUEST_AT - sizeof(frame))
		return 0;
	if (checksum(&frame, channel + REQUEST_AT + sizeof(frame), frame.length) != frame.crc)
		return 0;
	request->op = frame.kind;
	request->payload = channel + REQUEST_AT + sizeof(frame);
	request->length = frame.length;
	*sequence = frame.sequence;
	return 1;
}

const void *field(const struct request *request, uint32_t tag, uint32_t *length)
{
	uint32_t at = 0, head[2];

	while (at + sizeof(head) <= request->length) {
		memcpy(head, request->payload + at, sizeof(head));
		at += sizeof(head);
		if (head[1] > request->length - at)
			break;
		if (head[0] == tag) {
			*length = head[1];
			return request->payload + at;
		}
		at += head[1];
	}
	*length = 0;
	return NULL;
}

uint32_t number(const struct request *request, uint32_t tag, uint32_t otherwise)
{
	uint32_t length, value;
	const void *data = field(request, tag, &length);

	if (!data || length != sizeof(value))
		return otherwise;
	memcpy(&value, data, sizeof(value));
	return value;
}

char *text(const struct request *request, uint32_t tag)
{
	uint32_t length;
	const char *data = field(request, tag, &length);

	return data ? strndup(data, length) : NULL;
}

void answer_begin(struct answers *out, enum answer kind)
{
	out->open = (struct frame *)out->at;
	out->overflow = out->room < sizeof(struct frame);
	if (out->overflow)
		return;
	out->open->magic = 0;
	out->open->kind = kind;
	out->open->sequence = out->sequence;
	out->open->length = 0;
}

void answer_bytes(struct answers *out, uint32_t tag, const void *data, size_t length)
{
	uint32_t head[2] = {tag, (uint32_t)length};
	uint8_t *at = out->at + sizeof(struct frame);

	if (out->overflow || sizeof(struct frame) + out->open->length + sizeof(head) + length > out->room) {
		out->overflow = 1;
		return;
	}
	memcpy(at + out->open->length, head, sizeof(head));
	if (length)
		memcpy(at + out->open->length + sizeof(head), data, length);
	out->open->length += sizeof(head) + length;
}

void answer_number(struct answers *out, uint32_t tag, uint32_t value)
{
	answer_bytes(out, tag, &value, sizeof(value));
}

void answer_text(struct answers *out, uint32_t tag, const char *value)
{
	if (value)
		answer_bytes(out, tag, value, strlen(value));
}

int answer_end(struct answers *out)
{
	size_t size;

	if (out->overflow)
		return 0;
	out->open->crc = checksum(out->open, (uint8_t *)(out->open + 1), out->open->length);
	__sync_synchronize();
	out->open->magic = ANSWER_MAGIC;
	size = (sizeof(struct frame) + out->open->length + 7) & ~(size_t)7;
	if (size > out->room)
		size = out->room;
	out->at += size;
	out->room -= size;
	outb(out->open->kind, BELL);
	return 1;
}
