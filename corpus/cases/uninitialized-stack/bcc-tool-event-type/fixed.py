#!/usr/bin/env python3
from bcc import BPF

b = BPF(text=r"""
struct event { u64 when; u32 uid; char type[6]; };
BPF_PERF_OUTPUT(events);

int syscall__unlink(void *ctx)
{
    struct event event = {0};
    event.when = bpf_ktime_get_ns();
    event.uid = bpf_get_current_uid_gid();
    events.perf_submit(ctx, &event, sizeof(event));
    return 0;
}
""")
b.attach_kprobe(event=b.get_syscall_fnname("unlink"), fn_name="syscall__unlink")
b["events"].open_perf_buffer(lambda cpu, data, size: print(b["events"].event(data).uid))
while True:
    b.perf_buffer_poll()
