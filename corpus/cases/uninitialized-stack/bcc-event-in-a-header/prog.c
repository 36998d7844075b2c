#include <uapi/linux/ptrace.h>
#include "event.h"

BPF_RINGBUF_OUTPUT(events, 4);

static inline int send(struct exit_event *event)
{
	return events.ringbuf_output(event, sizeof(*event), 0); /* expect: uninitialized-stack */ /* cause: state was never written */
}

TRACEPOINT_PROBE(sched, sched_process_exit)
{
	struct exit_event event;

	event.pid = args->pid;
	event.prio = args->prio;
	return send(&event);
}
