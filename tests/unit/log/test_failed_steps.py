"""Texts in which a loader's step failed: who, what and why is said of each, and what must not be said."""

# ruff: noqa: E501  (loaders' lines are as long as they are)

from __future__ import annotations

import time
from typing import NamedTuple

import pytest

from bpfdoctor.log.wrappers import failure
from bpfdoctor.model.diagnosis import Confidence, Diagnosis, Report, Standing
from bpfdoctor.model.failure import Step
from bpfdoctor.model.report import Flavour, RawReport, Stage, Verdict
from bpfdoctor.pipeline import diagnose

E = "\n\nCaused by:\n    "


class Text(NamedTuple):
    """`says` and `not_says` are pieces of what is printed, `who` and `step` are in the line."""

    text: str
    rule: str
    who: str
    step: str
    says: str
    not_says: str = "grep -w vfs_read"


TEXTS = {
    # libbpf
    "fentry busy": Text("libbpf: prog 'on_io': failed to attach: Device or resource busy\nlibbpf: prog 'on_io': failed to auto-attach: -16", "attach-failed", "libbpf", "attach", "CONFIG_FUNCTION_TRACER"),
    "fentry, no trampoline": Text("libbpf: prog 'on_rm': failed to attach: ERROR: strerror_r(-524)=22\nError: Failed to run the tool", "attach-failed", "libbpf", "attach", "no BPF trampoline", "Failed to run"),
    "fentry, too many": Text("libbpf: prog 'a': failed to attach: Argument list too long", "attach-failed", "libbpf", "attach", "38"),
    "auto-attach alone": Text("libbpf: prog 'a': failed to auto-attach: -16", "attach-failed", "libbpf", "attach", "no cause shown"),
    "kprobe, no function": Text("libbpf: prog 'a': failed to create kprobe 'xfs_read+0x0' perf event: No such file or directory", "attach-failed", "libbpf", "attach", "no function xfs_read"),
    "kprobe, not traceable": Text("libbpf: prog 'a': failed to create kprobe 'nmi_enter+0x0' perf event: Invalid argument", "attach-failed", "libbpf", "attach", "blacklist"),
    "kprobe, several": Text("libbpf: prog 'a': failed to create kprobe 'name_show+0x0' perf event: Cannot assign requested address", "attach-failed", "libbpf", "attach", "Several functions"),
    "kprobe.multi": Text("libbpf: prog 'a': failed to attach to kprobe.multi: Operation not supported", "attach-failed", "libbpf", "attach", "CONFIG_FPROBE"),
    "tracepoint missing": Text("libbpf: failed to determine tracepoint 'xfs/xfs_foo' perf event ID: No such file or directory", "attach-failed", "libbpf", "attach", "no tracepoint xfs/xfs_foo"),
    "tracepoint, beyond its record": Text("libbpf: prog 'a': failed to attach to tracepoint 'syscalls/sys_exit_read': -EACCES\nlibbpf: prog 'a': failed to auto-attach: -EACCES", "attach-failed", "libbpf", "attach", "past the end of this tracepoint's record"),
    "tracepoint, not permitted": Text("libbpf: tracepoint 'sched/sched_switch' perf_event_open() failed: -EPERM", "attach-failed", "libbpf", "attach", "perf_event_paranoid"),
    "raw tracepoint missing": Text("libbpf: prog 'a': failed to attach to raw tracepoint 'foo': No such file or directory", "attach-failed", "libbpf", "attach", "no tracepoint foo"),
    "raw tracepoint, arguments": Text("libbpf: prog 'a': failed to attach to raw tracepoint 'sched_switch': Invalid argument", "attach-failed", "libbpf", "attach", "more arguments"),
    "cgroup taken": Text("libbpf: prog 'a': failed to attach to cgroup: Operation not permitted", "attach-failed", "libbpf", "attach", "bpftool cgroup tree"),
    "no such kernel function": Text("libbpf: prog 'a': failed to find kernel BTF type ID of 'do_foo': -3", "attach-failed", "libbpf", "attach", "no function do_foo"),
    "uprobe, no file": Text("libbpf: prog 'a': failed to create uprobe '/opt/app:0x0' perf event: No such file or directory", "user-probe-target", "libbpf", "attach", "/proc/PID/maps"),
    "uprobe, bad place": Text("libbpf: prog 'a': failed to create uprobe '/opt/app:0x12' perf event: Invalid argument", "user-probe-target", "libbpf", "attach", "objdump"),
    "map refused": Text("libbpf: failed to create map (name: 'flows'): Invalid argument\nlibbpf: failed to load object 'a.o'", "map-create-failed", "libbpf", "map-create", "max_entries"),
    "map too large": Text("libbpf: map 'flows': failed to create: Argument list too long(-7)", "map-create-failed", "libbpf", "map-create", "too large"),
    "map without memory": Text("libbpf: map 'flows': failed to create: Cannot allocate memory(-12)", "map-create-failed", "libbpf", "map-create", "no memory for flows"),
    "map not permitted": Text("libbpf: map 'flows': failed to create: Operation not permitted(-1)", "map-create-failed", "libbpf", "map-create", "CAP_BPF"),
    "extern of the C library": Text("libbpf: failed to find BTF for extern 'ntohs': -2", "extern-unresolved", "libbpf", "relocate", "bpf/bpf_endian.h", "static __always_inline int"),
    "ksym, other prototype": Text("libbpf: extern (func ksym) 'kf': func_proto [9] incompatible with vmlinux [77]", "relocation-refused", "libbpf", "relocate", "another prototype", "neither the object nor the kernel"),
    "anonymous struct": Text("libbpf: prog 'a': relo #1: target candidate search failed for [12] struct : -22", "relocation-refused", "libbpf", "relocate", "without a name", "bpf_core_field_exists"),
    "kernel without BTF": Text("libbpf: failed to find valid kernel BTF\nlibbpf: Error loading vmlinux BTF: -3\nlibbpf: failed to load object 'a'", "btf-missing", "libbpf", "relocate", "CONFIG_DEBUG_INFO_BTF", "clang -target bpf"),
    "pin without a folder": Text("libbpf: map 'm': failed to auto-pin at '/sys/fs/bpf/x/m': -2", "pin-failed", "libbpf", "pin", "mount -t bpf"),
    "pin exists": Text("libbpf: failed to pin map: File exists", "pin-failed", "libbpf", "pin", "already"),
    "load, no space for the log": Text("libbpf: prog 'a': BPF program load failed: No space left on device", "load-refused", "libbpf", "program-load", "buffer"),
    "load, JIT": Text("libbpf: prog 'a': BPF program load failed: ERROR: strerror_r(524)=22", "load-refused", "libbpf", "program-load", "JIT"),
    "load, EINVAL": Text("libbpf: prog 'a': BPF program load failed: Invalid argument\nlibbpf: prog 'a': failed to load: -22", "load-refused", "libbpf", "program-load", "no cause shown"),
    "perf buffer's pages": Text("libbpf: failed to mmap perf buffer on cpu #3: Operation not permitted", "ring-buffer-open", "libbpf", "read", "perf_event_mlock_kb"),
    "load, EACCES": Text("libbpf: prog 'a': failed to load: -13", "load-refused", "libbpf", "program-load", "no cause shown", "no number"),
    "load, E2BIG": Text("libxdp: Failed to load program my_filter: Argument list too long\nCouldn't attach XDP program on iface 'eth0': Argument list too long(-7)", "load-refused", "libxdp", "program-load", "no cause shown", "bpf_loop"),
    "load, EPERM": Text("$ sudo ./my_loader\nlibbpf: load bpf program failed: Operation not permitted\nlibbpf: failed to load program 'route'\nlibbpf: failed to load object 'a.o'\nERR: loading a.o (-22): Invalid argument", "load-refused", "libbpf", "program-load", "no cause shown", "sudo ./loader"),
    "no symbol": Text("libbpf: sec 'xdp': failed to find program symbol at offset 0\nERROR: loading BPF-OBJ file(a.o) (-2): No such file or directory", "object-unreadable", "libbpf", "open", "no symbol", "bpftool prog show"),
    "the numbers of a log": Text("Loading 2 files on interface 'eth0'.\nProgram 0: Run prio: 50. Chain call actions: XDP_PASS\nlibxdp: Couldn't open BPF file\nCouldn't attach XDP program on iface 'eth0': Kernel verifier blocks program loading(-4007)", "load-refused", "libxdp", "program-load", "libxdp's own dispatcher", "CSI"),
    "a code that is no errno": Text("libbpf: failed to create map (name: 'seen'): Invalid argument\n[3] 4/6/2024 -- 12:54:17 - (r.c:539) <Warning> (Parse) -- [ERRCODE: BAD_VALUE(130)] - Error when loading XDP filter file", "map-create-failed", "libbpf", "map-create", "offload", "owner died"),
    "kprobe, no perf events": Text("libbpf: failed to determine kprobe perf type: No such file or directory\nlibbpf: program 'kprobe/vfs_open': failed to create kprobe 'vfs_open' perf event: No such file or directory", "attach-failed", "libbpf", "attach", "/sys/bus/event_source/devices/kprobe", "no function vfs_open"),
    "a tool sums up libbpf with another number": Text("libbpf: Error in bpf_object__probe_loading():Operation not permitted(1). Couldn't load trivial BPF program.\nERRO Failed to load BPF program: System error, errno: 22 (EINVAL: Invalid argument)", "load-refused", "libbpf", "program-load", "no cause shown"),
    "XDP by a link": Text("libbpf: prog 'a': failed to attach to xdp: Invalid argument\nfailed to attach xdp on device lo to program a: invalid argument", "attach-failed", "libbpf", "attach", "5.9", "mtu 1500"),
    "cgroup, attach type": Text("app.service: Attaching egress BPF program to cgroup /sys/fs/cgroup/unified/system.slice/app.service failed: Invalid argument", "attach-failed", "systemd", "attach", "no cause shown", "not that of a directory"),
    "an object that is not there": Text("libbpf: elf: failed to open parts/tools.bpf.o: No such file or directory\nError: failed to link 'all.bpf.o': No such file or directory (2)", "object-unreadable", "libbpf", "open", "no file parts/tools.bpf.o", "all.bpf.o"),
    "XDP, in no mode": Text("Could not attach with DRV/native mode (Invalid argument)(-22).\nCould not attach with SKB/generic mode (Invalid argument)(-22).\nError attaching XDP program :: Invalid argument (22)", "attach-failed", "", "attach", "Generic mode needs nothing of the driver", "mtu 1500"),
    # the innermost step of a chain counts, the outer ones are its callers
    "chain, a map below an attachment": Text('{"level":"error","ts":17.5,"msg":"agent failed","error":"attach probes: load collection: map hits: map create: invalid argument"}', "map-create-failed", "cilium/ebpf", "map-create", "max_entries", "attach type"),
    "chain, a file below a pin": Text("2025/01/01 10:00:00 opening tracer: pinning maps: mkdir /sys/fs/bpf/mine: permission denied", "pin-failed", "", "pin", "0700"),
    "chain, the error's field": Text("ERRO[0001] agent: failed to start eBPF tracer, opts:{0 false}, err: failed to load on_tick: argument list too long", "load-refused", "", "program-load", "million steps"),
    "a hint after the error is no step": Text("loading objects: field OnBind: program on_bind: map hits: map create: operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)", "map-create-failed", "cilium/ebpf", "map-create", "hits may not be created", "could not raise"),
    "a path's end": Text("cannot attach uprobe, probe entry may not exist\nUnable to attach uprobe for binary /host/" + "data/" * 25 + "merged/bin/mine symbol  addr 18391e0 using on_exit", "user-probe-target", "BCC", "attach", "merged/bin/mine (uprobe)", "kallsyms"),
    "locked memory": Text('level=warning msg="cannot remove mem lock" error="unexpected error detecting memory cgroup accounting: permission denied"', "map-create-failed", "", "map-create", "could not raise the limit for locked memory", "BPF objects"),
    "the same refusal at two steps": Text("libbpf: Error in bpf_object__probe_name():Permission denied(13). Couldn't load basic 'r0 = 0' BPF program.\nlibbpf: Error in bpf_object__probe_global_data():Permission denied(13). Couldn't create simple array map.\nlibbpf: failed to create map (name: 'seen'): Permission denied(-13)", "map-create-failed", "libbpf", "map-create", "SELinux", "The verifier refused"),
    "never loaded": Text("libbpf: prog 'on_wait': can't attach BPF program without FD (was it loaded?)\nError: failed to attach BPF program" + E + "Invalid argument (os error 22)", "attach-failed", "libbpf", "attach", "never given to the kernel", "attach type"),
    "the kernel's words alone": Text("libbpf: Kernel error message: Filter with specified priority/protocol not found", "bpftool-request", "libbpf", "request", "the kernel's own answer", "could not attach"),
    # a file that a system call failed on says which step it is
    "place, kprobe_events": Text("link kprobes: link kprobe on_exit: creating tracefs event (arch-specific fallback for \"on_exit\"): creating probe entry on tracefs: open /sys/kernel/tracing/kprobe_events: no such file or directory", "attach-failed", "cilium/ebpf", "attach", "CONFIG_KPROBE_EVENTS", "no function on_exit"),
    "place, what is written there": Text('cannot write "p:pconnect tcp_v4_connect\\n" to kprobe_events: write /sys/kernel/debug/tracing/kprobe_events: file exists', "attach-failed", "", "attach", "from its last run", "program to p:"),
    "place, tracefs": Text("probe run failed. error:couldn't init eBPF manager open /sys/kernel/debug/tracing/available_filter_functions: no such file or directory", "attach-failed", "", "attach", "CONFIG_DYNAMIC_FTRACE", "build the object"),
    "place, a cgroup": Text("+ sudo bpftool cgroup attach /sys/fs/cgroup/unified/ sock_ops pinned /sys/fs/bpf/mine\nError: can't open cgroup /sys/fs/cgroup/unified/", "bpftool-request", "bpftool", "request", "findmnt -t cgroup2", "clang"),
    "place, any file": Text("failed to load eBPF tracer: open /etc/mine/settings.yaml: no such file or directory", "bpftool-request", "", "request", "There is no /etc/mine/settings.yaml", "kernel refused"),
    "place, sysfs": Text('kubelet, n1 MountVolume.SetUp failed for volume "maps" : mkdir /sys/fs/bpf: operation not permitted', "pin-failed", "", "pin", "folder of sysfs"),
    "place, in a sentence": Text('Error: failed to generate container "90be" spec: path "/sys/fs/bpf" is mounted on "/sys" but it is not a shared or slave mount', "pin-failed", "", "pin", "--make-shared", "90be ("),
    # AF_XDP, sockets, qdiscs, drivers
    "AF_XDP, its queue": Text("- Creating AF_XDP socket on eth2 queue 0 in copy mode\n- xsk_socket__create() failed: Device or resource busy", "bpftool-request", "", "request", "could not set up an AF_XDP socket"),
    "a socket's room": Text("x_test.go:14: cannot create limiter: can't attach BPF to socket: cannot allocate memory", "attach-failed", "", "attach", "optmem_max"),
    "a qdisc that is to be made": Text('        * {UID:egress Section:classifier/egress}: couldn\'t add a "clsact" qdisc to interface 2: netlink receive: no such file or directory', "attach-failed", "", "attach", "modprobe sch_ingress", "dev 2 clsact"),
    "a driver's words": Text("Error: virtio_net: XDP expects header in single page.", "attach-failed", "", "attach", "the reason"),
    "something is taken away": Text("libbpf: Kernel error message: Invalid handle\ntc: bpf hook destroy failed for eth7:0", "bpftool-request", "libbpf", "request", "could not take away", "could not attach"),
    "the level of a logger is no number": Text("ERR(1): tc cannot attach filter", "attach-failed", "", "attach", "no error number", "EPERM"),
    "an event of perf's": Text("Attaching 1 probe...\nioctl(PERF_EVENT_IOC_SET_BPF): Invalid argument\nERROR: Error attaching probe: tracepoint:mine:wait", "attach-failed", "bpftrace", "attach", "takes a kprobe program only"),
    # what is around the words of the error
    "a panic is the error that nobody handled": Text("thread '<unnamed>' panicked at 'failed to initialize perf_event_open: Os { code: 1, kind: PermissionDenied, message: \"Operation not permitted\" }', src/result.rs:999:5", "attach-failed", "", "attach", "perf_event_paranoid", "crashed"),
    "a source's name is no step": Text("thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: IO(Os { code: 1, kind: PermissionDenied, message: \"Operation not permitted\" })', mine/src/load/loader.rs:51:67", "loading-step-failed", "", "unknown", "not at which step", "could not load"),
    "a program's name and process": Text("agent[3080]: prepared\nagent[3080]: libbpf: map 'seen': failed to create: Operation not permitted(-1)", "map-create-failed", "libbpf", "map-create", "seen may not be created"),
    "the innermost program": Text('Error attaching exporter: failed to attach to program "cache": failed to attach program "folio_dirtied": failed to attach program: no such file or directory', "attach-failed", "", "attach", "could not attach folio_dirtied"),
    "an event's name": Text('ERR  Failed to attach uprobe uprobe/getaddrinfo : cannot write "p:p' + "_nix_store" * 7 + '_gobpf_647 /nix/store/x/libc.so.6:0xeddd0\\n" to uprobe_events: write /sys/kernel/debug/tracing/uprobe_events: invalid argument', "attach-failed", "", "attach", "63 characters", "objdump"),
    "a kind of type is no error": Text("Error: couldn't start: couldn't load kernel BTF specs: couldn't load /tmp/mine.btf: can't read types: type id 5215: unknown kind: Unknown (19)", "btf-missing", "cilium/ebpf", "relocate", "older than the kernel", "ENODEV"),
    "BTF that is there": Text("load eBPF objects: field On: program on: apply CO-RE relocations: load kernel spec: load vmlinux: parsing .BTF header:  header contains non-zero trailer", "btf-missing", "cilium/ebpf", "relocate", "cannot read it", "it was built without"),
    "BCC's map": Text("could not open bpf map: events, error: Operation not permitted\nTraceback (most recent call last):\n  File \"x.py\", line 4, in <module>\nException: Failed to compile BPF module <text>", "map-create-failed", "BCC", "map-create", "CAP_BPF", "no rule knows"),
    "BCC, 2017": Text("bpf: Invalid argument\n\nTraceback (most recent call last):\n  File \"t.py\", line 335, in load_func\n    (func_name, errstr))\nException: Failed to load BPF program on_copy: Invalid argument", "load-refused", "BCC", "program-load", "could not load on_copy"),
    "an event that was never opened": Text("libbpf: prog 'profile': invalid perf event FD -1", "attach-failed", "libbpf", "attach", "hardware counters"),
    # containers
    "a container's devices": Text("Error: OCI runtime error: crun: bpf create ``: Invalid argument", "load-refused", "", "program-load", "CONFIG_CGROUP_BPF"),
    "a container without bpf()": Text("OCI runtime create failed: error during container init: bpf_prog_query(BPF_CGROUP_DEVICE) failed: function not implemented: unknown", "bpftool-request", "", "request", "CONFIG_BPF_SYSCALL"),
    "a command line is no target": Text("error creating container for [/bin/sh -c test -e /etc/x]: bpf create ``: Bad address", "load-refused", "", "program-load", "32-bit program", "with /bin/sh"),
    # Python
    "pyroute2": Text("Traceback (most recent call last):\n  File \"t.py\", line 8, in <module>\n    ipr.tc(\"del\", \"ingress\", 3, \"ffff:\")\n  File \"nlsocket.py\", line 701, in get\n    raise msg['header']['error']\npyroute2.netlink.exceptions.NetlinkError: (2, 'No such file or directory')", "bpftool-request", "", "request", "over netlink", "could not attach"),
    "BCC, a descriptor": Text("ioctl(PERF_EVENT_IOC_SET_BPF) failed: Bad file descriptor\nException: Failed to attach BPF to perf event", "attach-failed", "BCC", "attach", "One of the two descriptors"),
    "cgroup, no number": Text('{"level":"fatal","msg":"failed","error":"attachProbes: failed to attach program on_egress to cgroup /tmp/mine7"}', "attach-failed", "", "attach", "cgroup2"),
    "no room for the log": Text('level=error msg="load program: no space left on device: 7: (79) r1 = *(u64 *)(r0 +0): R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R6=c (truncated, 557 line(s) omitted)"', "load-refused", "cilium/ebpf", "program-load", "did not fit", "The verifier refused"),
    # libxdp, XDP
    "libxdp, a file of a tool": Text("libxdp: Couldn't find a BPF file with name xdpfilt_dny_all.o\nCouldn't load BPF program: No such file or directory(-2)", "object-unreadable", "libxdp", "open", "xdpfilt_dny_all.o is not there", "its dispatcher program"),
    "XDP, driver": Text("libxdp: Error attaching XDP program to ifindex 7: Invalid argument\nlibxdp: Failed to attach dispatcher on ifindex 7: Invalid argument\nCouldn't attach XDP program on iface 'eth7': Invalid argument(-22)", "attach-failed", "libxdp", "attach", "MTU", "message is missing"),
    "XDP, mode": Text("libxdp: Error attaching XDP program to ifindex 4: Operation not supported\nlibxdp: XDP mode not supported; try using SKB mode", "attach-failed", "libxdp", "attach", "generic mode"),
    "XDP, memory": Text("Couldn't attach XDP program on iface 'ens1': Out of memory(-12)", "attach-failed", "libxdp", "attach", "ethtool -L"),
    "XDP, the driver's words": Text("libbpf: Kernel error message: ice: MTU is too large for linear frames and XDP prog does not support frags\nError attaching XDP program: Invalid argument", "attach-failed", "libbpf", "attach", "ice: MTU is too large"),
    "XDP, busy": Text("Error: interface xdpgeneric attach failed: Device or resource busy", "attach-failed", "bpftool", "attach", "has an XDP program already"),
    # tc, ip
    "ip, no native XDP": Text("Error: Underlying driver does not support XDP in native mode.", "attach-failed", "iproute2", "attach", "xdpgeneric"),
    "tc, no clsact": Text("Error: Parent Qdisc doesn't exists.\nWe have an error talking to the kernel", "attach-failed", "iproute2", "attach", "tc qdisc add dev"),
    "tc, exists": Text("Error: Exclusivity flag on, cannot modify.", "attach-failed", "iproute2", "attach", "is not a failure"),
    "netlink": Text("RTNETLINK answers: Operation not supported", "attach-failed", "iproute2", "attach", "no cause shown"),
    "ip's map": Text("Map object 'flows' rejected: Operation not permitted (1)!", "tc-loader", "iproute2", "map-create", "bpf_elf_map"),
    "tc, a log too large": Text('level=error msg="Command execution failed" cmd="[tc filter replace dev lxc1 ingress]" error="exit status 1"\nlevel=warning msg="Log buffer too small to dump verifier log 16777215 bytes (10 tries)!"\nlevel=warning msg="Error fetching program/map!"\nlevel=warning msg="JoinEP: Failed to load program" error="Failed to load tc filter: exit status 1"', "load-refused", "iproute2", "program-load", "larger than the loader's largest buffer", "no number"),
    "tc, no device": Text('level=error msg="endpoint regeneration failed" error="Failed to replace Qdisc for lxc1: Link not found"', "attach-failed", "iproute2", "attach", "no longer there", "no such device"),
    # bpftool
    "bpftool, no program": Text("Error: object file doesn't contain any bpf program", "object-unreadable", "bpftool", "open", 'SEC("'),
    "bpftool, not in a bpffs": Text("# bpftool prog load a.o prog\nError: can't mount BPF file system to pin the object (prog): mount --make-private . failed: Invalid argument", "pin-failed", "bpftool", "pin", "/sys/fs/bpf/NAME", "-v /sys/fs/bpf"),
    # BCC, bpftrace
    "BCC, nothing of that name": Text("write(kprobe_events): No such file or directory\nTraceback (most recent call last):\n  File \"./d.py\", line 494, in attach_kprobe\n    raise Exception(\"Failed to attach BPF to kprobe\")\nException: Failed to attach BPF to kprobe", "attach-failed", "BCC", "attach", "no such function", "CONFIG_KPROBE_EVENTS"),
    "BCC for Python 2": Text("cannot attach kprobe, probe entry may not exist\nException: Failed to attach BPF program on_table to kprobe nf_do_table", "attach-failed", "BCC", "attach", "no function nf_do_table"),
    "BCC, no name": Text("Exception: Failed to attach BPF program b'on_entry' to kprobe , it's not traceable (either non-existing, inlined, or marked as \"notrace\")", "attach-failed", "BCC", "attach", "no such function", "no function notrace"),
    "bpftrace, a kprobe's name": Text("Attaching 1 probe...\ncannot attach kprobe, Invalid argument\nERROR: Error attaching probe: 'kprobe:close_fd'", "attach-failed", "BCC", "attach", "grep -w close_fd"),
    "bpftrace, after its log": Text("Attaching 1 probe...\n\nProgram ID: 29\n\nBytecode: \nprocessed 19 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n\nAttaching kprobe:asm_exc_nmi\ncannot attach kprobe, Invalid argument\nERROR: Error attaching probe: 'kprobe:asm_exc_nmi'", "attach-failed", "BCC", "attach", "grep -w asm_exc_nmi", "Bytecode"),
    "bpftrace, an offset": Text("ERROR: Could not resolve symbol do_sys_open. Use BPFTRACE_VMLINUX env variable to specify vmlinux path.", "attach-failed", "bpftrace", "attach", "BPFTRACE_VMLINUX=", "/proc/PID/maps"),
    "bpftrace, stripped": Text("Attaching 1 probe...\nCould not resolve symbol: /proc/self/exe:BEGIN_trigger", "attach-failed", "bpftrace", "attach", "stripped"),
    "bpftrace, in a script": Text("my.bt:3:1-11: ERROR: kfunc/kretfunc not available for your kernel version.", "attach-failed", "bpftrace", "attach", "bpftrace --info"),
    "bpftrace, nothing fits": Text("No probes to attach", "attach-failed", "bpftrace", "attach", "bpftrace -l"),
    "strace": Text('bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_KPROBE, insn_cnt=28, log_level=0, log_buf=NULL, prog_name="on_ls"}, 64) = 4\nopenat(AT_FDCWD, "/sys/kernel/debug/tracing/kprobe_events", O_WRONLY|O_APPEND) = 5\nwrite(5, "p:kprobes/p_nmi_enter nmi_enter", 31) = -1 EINVAL (Invalid argument)\nwrite(1, "Failed to attach BPF to kprobe\\n", 31) = 31', "attach-failed", "strace: the loader", "attach", "grep -w nmi_enter", "buffer"),
    "BCC, no kprobe_events": Text("create_probe_event: open(/sys/kernel/tracing/kprobe_events): No such file or directory\nException: Failed to attach BPF program b'a' to kprobe b'inet_bind', it's not traceable (either non-existing, inlined, or marked as \"notrace\")", "attach-failed", "BCC", "attach", "CONFIG_KPROBE_EVENTS", "no function inet_bind"),
    "BCC, no function": Text("cannot attach kprobe, probe entry may not exist\nException: Failed to attach BPF program b'a' to kprobe b'foo_bar'", "attach-failed", "BCC", "attach", "no function foo_bar"),
    "BCC, 97 insns": Text("bpf: Argument list too long. Program  too large (97 insns), at most 4096 insns\n\nFailed to load BPF program b'a': Argument list too long", "program-too-large", "BCC", "program-load", "a million"),
    "bpftrace, kernel without BTF": Text("ERROR: Can't load eBPF object: No such process(-3)", "btf-missing", "", "program-load", "/sys/kernel/btf/vmlinux"),
    "bpftrace, probe": Text("Attaching 1 probe...\ncannot attach kprobe, Invalid argument\nERROR: Error attaching probe: 'kprobe:native_load_gdt'", "attach-failed", "BCC", "attach", "native_load_gdt"),
    # Go
    "Go, kprobe": Text("2025/01/01 10:00:00 opening kprobe: attaching kprobe sys_foo: creating perf_kprobe PMU: opening perf event: no such file or directory", "attach-failed", "cilium/ebpf", "attach", "no function sys_foo", "update libbpf"),
    "Go, XDP": Text("level=fatal msg=\"could not attach XDP program: failed to attach link: create link: invalid argument\"", "attach-failed", "cilium/ebpf", "attach", "MTU", "update libbpf"),
    "Go, module's BTF": Text("program p: apply CO-RE relocations: load BTF for kmod nf_x: read string section: string table is empty", "relocation-refused", "cilium/ebpf", "relocate", "module nf_x", "bpf_core_field_exists"),
    "Go, memlock": Text("time=\"2024-05-01T10:00:00Z\" level=error msg=start error=\"field Events: map events: map create: operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)\"", "map-create-failed", "cilium/ebpf", "map-create", "5.11"),
    "Go, zap": Text('2025-02-01T10:00:00.123Z\tERROR\tagent\tmain.go:88\tno probe\t{"error": "attaching kprobe sys_x: creating perf_kprobe PMU: token sys_x: not found: no such file or directory"}', "attach-failed", "cilium/ebpf", "attach", "no function sys_x"),
    "Go, a function and a structure": Text('field Look: program look: apply CO-RE relocations: relocate Struct:"bpf_x": target Func:"bpf_x": target Func:"bpf_x": unsized type *btf.Func', "relocation-refused", "cilium/ebpf", "relocate", "mistake of the library", "bpf_core_field_exists"),
    "Go, bpffs": Text('level=fatal msg="unable to pin" err="pin map to /run/x/flows: not a bpf filesystem"', "pin-failed", "cilium/ebpf", "pin", "bpffs"),
    # Go: what golang-github-cilium-ebpf 0.9.1 printed on Linux 6.18
    "Go, no tracepoint": Text("2026/11/29 23:49:27 attaching: trace event sched/no_such: file does not exist", "attach-failed", "cilium/ebpf", "attach", "no tracepoint sched/no_such", "no cause"),
    "Go, no file": Text("2026/11/29 23:50:04 loading objects: open nofile.o: no such file or directory", "object-unreadable", "cilium/ebpf", "open", "no file nofile.o", "kernel refused"),
    "Go, no ELF": Text("2026/11/29 23:50:04 loading objects: file text.o: EOF", "object-unreadable", "cilium/ebpf", "open", "no cause shown", "kernel refused"),
    "Go, an old library": Text("2026/11/29 23:50:05 loading objects: program on_packet: attach Tracing/TraceFEntry: load kernel spec: can't read types: type id 5193: unknown kind: Unknown (19)", "btf-missing", "cilium/ebpf", "relocate", "older than the kernel", "ENODEV"),
    "Go, no folder for pins": Text("2026/11/29 23:50:05 loading objects: map flows: pin by name: missing MapOptions.PinPath", "pin-failed", "cilium/ebpf", "pin", "LIBBPF_PIN_BY_NAME", "findmnt"),
    "Go, not a bpffs": Text("2026/11/29 23:50:05 attaching: /tmp/notbpffs is not on a bpf filesystem", "pin-failed", "cilium/ebpf", "pin", "/tmp/notbpffs is not on a bpffs", "no cause"),
    # what iproute2 6.1, bpftool 7.1, xdp-tools 1.3.1 and bpftrace 0.17 printed on Linux 6.18
    "ip, no section": Text("object file doesn't contain sec nosuch\nUnable to load program", "object-unreadable", "iproute2", "open", "nosuch", "kernel refused"),
    "ip, no device": Text('Cannot find device "nope"', "attach-failed", "iproute2", "attach", "no network device nope"),
    "ip, no ELF": Text("Cannot initialize ELF context!", "object-unreadable", "iproute2", "open", "is not an ELF file"),
    "ip, both modes": Text("Error: Native and generic XDP can't be active at the same time.", "attach-failed", "iproute2", "attach", "has an XDP program already", "was verified"),
    "ip, a peer's MTU": Text("Error: veth: Peer MTU is too large to set XDP.", "attach-failed", "iproute2", "attach", "3498", "was verified"),
    "bpftool, an unknown word": Text("Error: expected no more arguments, 'type', 'map' or 'dev', got: 'autoattach'?", "bpftool-request", "bpftool", "request", "does not understand its command line"),
    "bpftool, no device": Text("Error: invalid devname nope0", "attach-failed", "bpftool", "attach", "no network device nope0"),
    "bpftool, a map": Text("Error: map create failed: Invalid argument", "map-create-failed", "bpftool", "map-create", "max_entries"),
    "bpftool, pinned before": Text("Error: failed to pin program xdp", "pin-failed", "bpftool", "pin", "prints no error number"),
    "bpftool, attached": Text("Error: failed to attach program", "attach-failed", "bpftool", "attach", "no cause shown", "libbpf-rs"),
    "xdp-loader, of loading": Text("Couldn't attach XDP program on iface 'vx0': Permission denied(-13)", "attach-failed", "libxdp", "attach", "has one line for both", "perf_event_paranoid"),
    "xdp-loader, no device": Text("Couldn't find network interface 'vx9'.", "attach-failed", "libxdp", "attach", "no network device vx9"),
    "xdp-loader, no file": Text("Couldn't open file 'nofile.o': No such file or directory", "object-unreadable", "libxdp", "open", "no XDP program"),
    "xdp-loader, no section": Text(" libxdp: Couldn't find xdp program in bpf object section nosuch\nCouldn't open file 'ok.o': No such file or directory", "object-unreadable", "libxdp", "open", "nosuch", "was verified"),
    "not root": Text("This program must be run as root.", "bpftool-request", "", "request", "goes on only as root", "__sys_bpf"),
    "bpftrace, not root": Text("ERROR: bpftrace currently only supports running as the root user.", "bpftool-request", "bpftrace", "request", "goes on only as root", "bpftool … help"),
    "bpftrace, its maps": Text("Attaching 1 probe...\nERROR: failed to create  map: Operation not permitted\nCreation of the required BPF maps has failed.", "map-create-failed", "bpftrace", "map-create", "5.11", "no cause"),
    # what is asked of maps, of the build, of the audit log
    "map, full": Text("agent: failed to insert route into prefix_table map: No space left on device (os error 28)", "bpftool-request", "", "request", "prefix_table is full", "buffer"),
    "map, full, in Go": Text('level=error msg="cannot attach the plugin: failed to add worker: update: key too big for map: argument list too long"', "bpftool-request", "", "request", "plays no part", "was verified"),
    "map, a C call and its number": Text('{"level":"error","caller":"maps/m.go:9","msg":"unable to update map entry, ret -1 and err argument list too long"}', "bpftool-request", "", "request", "max_entries", "EPERM"),
    "map, no such key": Text("reading rates: lookup: key does not exist (map rates)", "bpftool-request", "", "request", "no such key", "permission"),
    "map, per CPU": Text("bpf_map_lookup_elem failed: Bad address", "bpftool-request", "", "request", "each possible CPU"),
    "removal of nothing": Text("failed to detach sk_msg program from sockmap: exit status 255\nError: bpf obj get (/sys/fs/bpf/x/my_msg): No such file or directory", "bpftool-request", "", "request", "is not there", "mount -t bpf"),
    "nothing is pinned": Text("Unable to get object /sys/fs/bpf/tc/globals/mine: no such file or directory", "pin-failed", "", "pin", "Nothing is pinned at /sys/fs/bpf/tc/globals/mine", "mkdir"),
    "removal of an event in use": Text('cannot write "-:p_mine_0\\n" to kprobe_events: write /sys/kernel/debug/tracing/kprobe_events: device or resource busy', "bpftool-request", "", "request", "could not take away", "could not attach"),
    "an event by its name": Text("Runtime error: failed to open event sched/sched_mine. Exiting.", "attach-failed", "", "attach", "sched/sched_mine"),
    "logfmt, the words outside of a field": Text('level=fatal failed to start: opening pinned link /sys/fs/bpf/x/mine_recvmsg: link info: invalid argument"', "pin-failed", "cilium/ebpf", "pin", "mine_recvmsg"),
    "Error code, on a line of its own": Text("mygo: failed to load BPF object\nOS message : Operation not permitted\nError code : 1", "load-refused", "", "program-load", "EPERM", "no number"),
    "setrlimit": Text("agent: setrlimit: Operation not permitted", "map-create-failed", "", "map-create", "RLIMIT_MEMLOCK"),
    "a signal, alone": Text("signal: terminated", "loading-step-failed", "", "unknown", "time limit"),
    "not permitted, and no word about what": Text('{"level":"error","msg":"could not start the manager","error":"operation not permitted"}', "loading-step-failed", "", "unknown", "not at which step"),
    "goebpf, a call": Text("LoadElf() failed: Invalid BPF instruction (at 16): &{133 0 1 0 -1}", "relocation-refused", "goebpf", "relocate", "static __always_inline"),
    "SELinux": Text('type=AVC msg=audit(1.2:3): avc:  denied  { map_create } for  pid=7 comm="mine" scontext=system_u:system_r:mine_t:s0 tcontext=system_u:system_r:mine_t:s0 tclass=bpf permissive=0', "map-create-failed", "SELinux", "map-create", "the domain mine_t", "max_entries"),
    "Android, the number in brackets": Text("bpfGetFdMapId failed, ret: -1 [22]", "bpftool-request", "", "request", "EINVAL", "EPERM"),
    "gobpf, interrupted": Text('error while loading "tracepoint/sched/mine" (resource temporarily unavailable):\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0', "load-refused", "", "program-load", "a signal came in", "message is missing"),
    "calls without .text": Text("libbpf: prog 'mine': no .text section found yet sub-program call exists\nlibbpf: failed to load object 'a.o'", "relocation-refused", "libbpf", "relocate", "has no code for one"),
    "an older libbpf": Text("libbpf: bpf_object_open_opts has non-zero extra bytes\nlibbpf: failed to initialize skeleton BPF object 'mine': -22", "object-unreadable", "libbpf", "open", "newer libbpf"),
    "no tool": Text("/bin/sh: 1: llc: not found\nclang: error: unable to execute command: Broken pipe", "loading-step-failed", "the build", "unknown", "not installed", "Broken pipe"),
    "Rust's build": Text("thread 'main' panicked at 'failed to build `mine` static library', build.rs:6:9", "loading-step-failed", "the project", "unknown", "git submodule", "crashed"),
    "Rust's skeleton": Text("Error: Failed to generate skeleton for src/mine.bpf.c" + E + "No such file or directory (os error 2)", "loading-step-failed", "the project", "unknown", "no kernel was asked"),
    "a page fault": Text("[  319.408222] MINE BPF[99]: segfault at 58 ip 0044325d sp b6fcc0a0 error 4 in mine[423000+2d000]", "loading-step-failed", "", "unknown", "crashed", "EINTR"),
    "systemd without cgroup BPF": Text("systemd[1]: File /lib/systemd/system/mine.service:3 configures an IP firewall (IPAddressDeny=any), but the local system does not support BPF/cgroup based firewalling.", "attach-failed", "systemd", "attach", "CONFIG_CGROUP_BPF", "could not attach"),
    "netlink, with words": Text('netlink receive: invalid argument, offset: 0, message: "Chain does not exist"', "bpftool-request", "", "request", "Chain does not exist"),
    "bpftrace, all of its maps": Text("Error creating map: '@'\nError creating stack id map\nError creating perf event map (-1)\nSegmentation fault", "map-create-failed", "bpftrace", "map-create", "could not be created", "EPERM"),
    # public texts
    "seelog, kprobe_events": Text("2020-11-04 17:47:44 UTC | SYS-PROBE | ERROR | (cmd/system-probe/loader.go:39 in Register) | couldn't start probe kprobe/tcp_x: couldn't enable kprobe kprobe/tcp_x: cannot open kprobe_events: open /sys/kernel/debug/tracing/kprobe_events: permission denied", "attach-failed", "", "attach", "tracefs may not be written", "SYS-PROBE"),
    "Calico's own line": Text("2024-12-30 13:48:43.976 [WARNING][103] felix/attach.go 164: Failed to load program attachPoint=&tc.AttachPoint{}\nlibbpf: specified path /opt/x/xfis is not on BPF FS", "pin-failed", "libbpf", "pin", "/opt/x/xfis", "AttachPoint"),
    "two words of one tool": Text("WARN: failed to create kprobe: ping_x\nERROR: failed to manually attach program prog=__trace_ping_x, func=ping_x\nERROR: failed to load bpf", "attach-failed", "", "attach", "to ping_x", "was verified"),
    "no tracefs": Text('ERRO[0000] Failed to start: failed to configure tracepoint on x{group:"sched", name:"sched_x"}: neither debugfs nor tracefs are mounted', "attach-failed", "", "attach", "mount -t tracefs", "was verified"),
    "a pinned link": Text("cgroup attach: updating link /sys/fs/bpf/x/cil_sendmsg for program cil_sendmsg: opening pinned link /sys/fs/bpf/x/cil_sendmsg: link info: invalid argument", "pin-failed", "cilium/ebpf", "pin", "not what the loader expects", "CONFIG_CGROUP_BPF"),
    "a pinned map, twice": Text('ts=2024-06-11T13:03:17.177Z level=error caller=f.go:61 msg="load failed" error="field F: map f: load pinned map: permission denied"\nts=2024-06-11T13:03:17.177Z level=error caller=m.go:226 msg="unable to create{error 26 0  failed: field F: map f: load pinned map: permission denied}"', "pin-failed", "cilium/ebpf", "pin", "what root has pinned stays root's", "ETXTBSY"),
    "fexit, called a raw tracepoint": Text('ts=2025-10-31T04:45:30.557Z level=error caller=e.go:145 msg="Failed to attach" program=accept_fexit error="create raw tracepoint: not supported"', "attach-failed", "", "attach", "accept_fexit", "compare the kernel's configuration"),
    "missing program": Text('Error loading x.o (collection): field K: missing program "kprobe__x"', "object-unreadable", "cilium/ebpf", "open", "no kprobe__x in the object", "kernel refused"),
    "not loaded, so not attached": Text("lxc-start: x: cgroups/cgroup2_devices.c: bpf_program_load_kernel: 332 Invalid argument - Failed to load bpf program\nlxc-start: x: cgroups/cgfsng.c: cgfsng_devices_activate: 3019 Cannot allocate memory - Failed to attach bpf program", "load-refused", "", "program-load", "no cause shown", "ENOMEM"),
    "libbpf's own program": Text("libbpf: Error in bpf_object__probe_loading():Invalid argument(22). Couldn't load trivial BPF program. Make sure your kernel supports BPF (CONFIG_BPF_SYSCALL=y) and/or that RLIMIT_MEMLOCK is set to big enough value.", "load-refused", "libbpf", "program-load", "not about your program"),
    "libscap, perf": Text("PERF_EVENT_IOC_SET_BPF: File exists", "attach-failed", "libscap", "attach", "a perf event takes one program", "BCC"),
    "strace, the limit": Text('bpf(BPF_OBJ_GET, {pathname="/sys/fs/bpf/x", bpf_fd=0, file_flags=0}, 20) = -1 ENOENT (No such file or directory)\nprlimit64(0, RLIMIT_MEMLOCK, {rlim_cur=RLIM64_INFINITY}, NULL) = -1 EPERM (Operation not permitted)', "map-create-failed", "strace: the loader", "map-create", "RLIMIT_MEMLOCK", "findmnt"),
    "killed": Text('level=debug msg="Error running command" command="/usr/bin/clang -target bpf -c x.c" error="signal: killed"', "loading-step-failed", "", "unknown", "OOMKilled"),
    "an older bpftool": Text("libbpf: No offset found in symbol table for VAR __bpf_usdt_specs\nlibbpf: Error finalizing .BTF: -2.\nError: failed to open BPF object file: No such file or directory", "object-types-unreadable", "libbpf", "btf-load", "No file is missing", "ls -l the path"),
    "a device of a record": Text('time="2024-05-24T07:36:24Z" level=info msg="Failed to attach XDP program" device=bond0.184 error="program cil_xdp_entry: attaching program cil_xdp_entry using bpf_link: create link: operation not supported"', "attach-failed", "cilium/ebpf", "attach", "driver of bond0.184", "driver of cil_xdp_entry"),
    "no perf event": Text("I1016 04:35:10.479847       1 bcc_attacher.go:86] failed to attach perf event cpu_cycles: failed to open bpf perf event: no such file or directory", "attach-failed", "", "attach", "virtual machines", "no rule knows"),
    "no place for a USDT probe": Text("Attaching 1 probe...\nError finding location for probe: usdt:/home/x/a.out:testprobe", "attach-failed", "bpftrace", "attach", "readelf -n", "bpftool … help"),
    # Rust
    "aya, perf event": Text(f"Error: `perf_event_open` failed{E}No such file or directory (os error 2)", "attach-failed", "aya", "attach", "For a kprobe"),
    "aya, XDP": Text(f"Error: unable to attach XDP program{E}0: `bpf_link_create` failed\n    1: Invalid argument (os error 22)", "attach-failed", "aya", "attach", "MTU"),
    "aya, tokio": Text('called `Result::unwrap()` on an `Err` value: SyscallError(SyscallError { call: "bpf_link_create", io_error: Os { code: 17, kind: AlreadyExists, message: "File exists" } })', "attach-failed", "aya", "attach", "no cause shown"),
    "aya, a panic on one line": Text('thread \'main\' panicked at \'called `Result::unwrap()` on an `Err` value: MapError(CreateError { name: "EVENTS", code: -1, io_error: Os { code: 1, kind: PermissionDenied, message: "Operation not permitted" } })\', src/main.rs:20:40', "map-create-failed", "aya", "map-create", "CAP_BPF"),
    "Rust, a tracepoint's file": Text("Failed to attach tracepoint: failed to open file: No such file or directory (os error 2): /sys/kernel/debug/tracing/events/syscalls/sys_enter_foo/id", "attach-failed", "", "attach", "no tracepoint syscalls/sys_enter_foo"),
    "Go, fexit": Text("WARN[0003] failed to attach fexit program: create tracing link: argument list too long", "attach-failed", "", "attach", "38"),
    "aya, returned": Text("the BPF_PROG_LOAD syscall returned Argument list too long (os error 7)", "load-refused", "aya", "program-load", "a million"),
    "scx, another one": Text(f"Error: failed to attach struct_ops{E}Device or resource busy (os error 16)", "struct-ops-loader", "libbpf-rs", "register", "another scheduler is running"),
    "scx, timeout": Text("scx_foo.c:88 [scx panic]: Argument list too long\nFailed to attach struct_ops", "struct-ops-loader", "the scheduler (scx)", "register", "timeout_ms"),
    "scx, NULL": Text(f'Error: Failed to attach struct ops{E}bpf call "libbpf_rs::map::Map::attach_struct_ops::{{{{closure}}}}" returned NULL', "struct-ops-loader", "libbpf-rs", "register", "no cause shown"),
    "scx, a probe of it": Text("WARN libbpf: tracepoint 'syscalls/sys_enter_x' perf_event_open() failed: -EPERM\nError: Failed to attach non-struct_ops BPF programs", "attach-failed", "libbpf", "attach", "perf_event_paranoid", "struct-ops"),
    "scx, a probe of it, in the journal": Text("Feb 20 14:31:35 box scx_loader[9]: 2026-02-20T06:31:35.794668Z  WARN ThreadId(01) scx_utils::libbpf_logger: rust/scx_utils/src/libbpf_logger.rs:12: libbpf: tracepoint 'syscalls/sys_enter_x' perf_event_open() failed: -EPERM\nFeb 20 14:31:35 box scx_loader[9]: Error: Failed to attach non-struct_ops BPF programs\nFeb 20 14:31:35 box scx_loader[9]: Caused by:\nFeb 20 14:31:35 box scx_loader[9]:     Operation not permitted (os error 1)", "attach-failed", "libbpf", "attach", "perf_event_paranoid", "struct-ops"),
    "scx, a callback": Text("[   51.127238] sched_ext: ops.init_task() failed (-12) for swapper/1[0] while loading", "struct-ops-loader", "the scheduler (scx)", "register", "one of the scheduler's own functions"),
    "aya, a section": Text("Error: error relocating function\n\nCaused by:\n    0: error relocating `stats`\n    1: section `4` not found, referenced by symbol `counts` ", "relocation-refused", "aya", "relocate", "no cause shown"),
    # of many loaders
    "generic mode": Text("# xdp-loader load -m skb -s xdp veth2 a.o\nlibxdp: Error attaching XDP program to ifindex 3: Invalid argument\nCouldn't attach XDP program on iface 'veth2': Invalid argument(-22)", "attach-failed", "libxdp", "attach", "needs nothing of the driver", "or generic mode"),
    "generic mode, its own words": Text("# ./mine --interfaces=eno2 --mode=skb\nCannot attach XDP to eno2 XDP might be loaded to the interface  -> create link: invalid argument", "attach-failed", "cilium/ebpf", "attach", "dev eno2 xdpgeneric", "driver of -"),
    "nothing is pinned yet": Text("Couldn't open pin directory /sys/fs/bpf/xdp-filter/programs/eth1: No such file or directory\nlibxdp: Error attaching XDP program to ifindex 13: Out of memory", "attach-failed", "libxdp", "attach", "ethtool -L", "/sys/fs/bpf"),
    "no program of that name": Text('Failed to attach xdp prog: no such XDP hook "my_hook"', "attach-failed", "", "attach", "none of that name", "was verified"),
    "no program of that section": Text("level=warn msg=\"no policy\" error=\"failed prog /x/a.o loadInstance: program for section 'uprobe.multi/x' not found\"", "object-unreadable", "", "open", "uprobe.multi/x", "kernel refused"),
    "nil": Text('2026/09/12 04:15:18 ERROR Failed to run error="Failed to track: opening kretprobe veth_x: prog cannot be nil: invalid input"', "attach-failed", "cilium/ebpf", "attach", "given nil", 'error="'),
    "a register is no registration": Text("2023/09/04 22:24:06 Failed to inject filter ebpf for kprobe_skb_2: register r8 used twice", "loading-step-failed", "", "unknown", "not at which step", "struct_ops"),
    "a folder of the bpffs": Text('{"level":"error","msg":"error creating directory /sys/fs/bpf/globals/x: mkdir /sys/fs/bpf/globals: no such file or directory"}', "pin-failed", "", "pin", "findmnt -t bpf", "bpftool prog show"),
    "goebpf's map": Text("LoadElf() failed: loadAndCreateMaps() failed: map.Create() failed: ebpf_create_map() failed: Operation not permitted", "map-create-failed", "goebpf", "map-create", "5.11", "no cause"),
    "gobpf's map": Text('error while loading map "maps/counts": operation not permitted', "map-create-failed", "", "map-create", "5.11", "no cause"),
    "the kernel's BTF": Text("libbpf: failed to parse target BTF: -2\nlibbpf: failed to perform CO-RE relocations: -2\nlibpman: failed to load BPF object (errno: 2 | message: No such file or directory)", "btf-missing", "libbpf", "relocate", "/sys/kernel/btf/vmlinux", "ls -l the path"),
    "two types": Text('Failed to load objects: field A: program a: apply CO-RE relocations: relocate Struct:"sk_buff": target_type_id: multiple types match: ambiguous relocation', "core-relocation-ambiguous", "cilium/ebpf", "relocate", "more than once", "is missing"),
    "a member": Text("load BTF: invalid argument: wait_x type_id=3 bits_offset=64 Invalid member", "object-types-unreadable", "cilium/ebpf", "btf-load", "one of its types", "llvm-strip"),
    "a panic of its own": Text("Sep 28 22:40:23 box bpfd[9]: thread 'main' panicked at 'the path must be set', src/bpf.rs:305:14", "loading-step-failed", "", "unknown", "itself crashed", "bpffs"),
    # falco, systemd
    "netdata": Text("2024-02-17 18:05:39: ebpf.plugin INFO  : MAIN : no configuration file.\n[eBPF] failed to create a map: 1 Operation not permitted\n2024-02-17 18:05:39: ebpf.plugin ERROR : MAIN : [EBPF] Cannot load program: /usr/libexec/a.o (errno 1, Operation not permitted)", "map-create-failed", "", "map-create", "memory lock limit", "/usr/libexec/a.o may not"),
    "systemd asks": Text("systemd[1]: bpf-firewall: Got EBADF when using BPF_F_ALLOW_MULTI, which indicates it is supported. Yay!\nsystemd[1]: libbpf: prog 'sd_bind4': failed to attach to cgroup: Bad file descriptor", "attach-failed", "libbpf", "attach", "Nothing failed", "cgroup2fs"),
    "systemd, what failed": Text("systemd[1]: libbpf: prog 'sd_restrictif_i': failed to attach to cgroup: -EBADF\nsystemd[1]: libbpf: prog 'restrict_filesystems': failed to attach: -EBUSY\nsystemd[1]: bpf-restrict-fs: Failed to link program; assuming BPF LSM is not available.", "attach-failed", "libbpf", "attach", "RestrictFileSystems=", "kprobe"),
    "systemd, BPFProgram=": Text("May  2 07:55:54 <HOST> systemd[1]: t.service: bpf-foreign: Failed to determine filesystem type of /no/where: No such file or directory\nMay  2 07:55:54 <HOST> systemd[1]: t.service: bpf-foreign: Failed to prepare foreign BPF hashmap: No such file or directory", "pin-failed", "systemd", "pin", "/no/where"),
    "libscap, buffer": Text("init err: bpf_load_program() err=28 event=filler/mine message=0", "load-refused", "libscap", "program-load", "buffer"),
    "libpman, EINVAL": Text("libpman: failed to load BPF object (errno: 22 | message: Invalid argument)", "load-refused", "libscap", "program-load", "no cause shown"),
    "systemd": Text("systemd[1]: bpf-firewall: Failed to load BPF object: Operation not permitted", "load-refused", "systemd", "program-load", "CAP_BPF"),
    "systemd, LSM": Text("bpf-lsm: BPF LSM hook not enabled in the kernel, BPF LSM not supported", "load-refused", "systemd", "program-load", "kernel/security/lsm"),
}  # fmt: skip


def reports_of(text: str) -> list[Report]:
    return diagnose(RawReport(text.encode(), "log", Flavour.LOG, Stage.PASTE))


def words(found: Diagnosis) -> str:
    """What is said of a finding, raw lines included."""
    from bpfdoctor.render.words import confidence

    said = (found.headline, found.means, found.next_step, found.has, found.wants, confidence(found))
    examples = (line for fix in found.fixes for line in fix.example)
    failure = found.finding.block.failure
    return "\n".join((*said, *examples, *found.finding.block.lines, failure.extack if failure else ""))


def test_there_are_sixty() -> None:
    assert len(TEXTS) >= 60


@pytest.mark.parametrize("name", TEXTS)
def test_one_failure_is_one_finding_about_its_step(name: str) -> None:
    text = TEXTS[name]
    reports = reports_of(text.text)
    found = [each for report in reports for each in report.diagnoses]
    assert [each.rule for each in found] == [text.rule]
    failure = found[0].finding.block.failure
    assert failure is not None
    assert (failure.who, failure.step.value) == (text.who, text.step)
    assert [report.standing for report in reports] == [Standing.FOUND]
    said = words(found[0])
    assert text.says in said
    assert text.not_says not in said


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_only_classified_has_no_cause_and_no_patch(name: str) -> None:
    (found,) = (each for report in reports_of(TEXTS[name].text) for each in report.diagnoses)
    assert found.means and found.next_step
    assert not found.fixes and found.root_cause is None
    assert found.confidence in (Confidence.LIKELY, Confidence.CLASSIFIED)


LOADED = {
    "bpftrace -v": "Attaching 1 probe...\n\nProgram ID: 7\n\nThe verifier log:\nprocessed 20 insns (limit 1000000) max_states_per_insn 0"
    " total_states 1 peak_states 1 mark_read 0\n\nAttaching kprobe:vfs_read\n",
    "libxdp": "libxdp: Compatibility check for dispatcher program failed: Operation not supported\n"
    "libxdp: Falling back to loading single prog without dispatcher\nLoaded XDP program filter on eth0\n",
    "iproute2": "\nBTF debug data section '.BTF' rejected: Invalid argument (22)!\n - Length:       667\n"
    "Verifier analysis:\n\nmagic: 0xeb9f\nversion: 1\n[1] PTR (anon) type_id=2\n"
    "[2] DATASEC license size=0 vlen=1 size == 0\n",
}  # fmt: skip


@pytest.mark.parametrize("name", LOADED)
def test_what_a_loader_got_around_is_no_failure(name: str) -> None:
    (report,) = reports_of(LOADED[name])
    assert report.verdict is Verdict.LOADS and report.standing is Standing.FINE
    assert any("that it loads is what this line says" in note for note in report.notes)


def test_a_refusal_of_the_program_after_that_of_its_btf_is_one() -> None:
    reports = reports_of(LOADED["iproute2"] + "\nError fetching program/map!\nUnable to load program\n")
    assert Standing.FOUND in {report.standing for report in reports}


def test_what_libxdp_says_after_the_verifier_is_no_second_failure() -> None:
    text = (
        "libbpf: load bpf program failed: Invalid argument\nlibbpf: -- BEGIN DUMP LOG ---\nlibbpf:\nValidating prog0()"
        " func#1...\nbtf_vmlinux is malformed\nArg#0 type PTR in prog0() is not supported yet.\nprocessed 0 insns (limit"
        " 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n\nlibbpf: -- END LOG --\nlibbpf: failed"
        " to load program 'xdp/dispatcher'\nlibbpf: failed to load object '/usr/lib64/bpf/xdp-dispatcher.o'\nlibxdp:"
        " Couldn't open BPF file\nCouldn't attach XDP program on iface 'lo': Kernel verifier blocks program"
        " loading(-4007)\n"
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "btf-missing"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("libbpf: prog 'p{}': failed to attach to cgroup: Operation not permitted", 1),
        ("ERROR worker {} failed to load BPF program x{}: Invalid argument", 1000),
        ("libbpf: map 'm{}': failed to create: Invalid argument(-22)", 1),
    ],
)
def test_a_hundred_thousand_failures_cost_seconds_and_the_first_is_told(line: str, says: int) -> None:
    text = "".join(line.replace("{}", str(at)) + "\n" for at in range(100_000))
    begun = time.process_time()
    reports = reports_of(text)
    assert time.process_time() - begun < 30  # 3 to 8 here
    found = [each for report in reports for each in report.diagnoses]
    assert len(found) >= says
    failure = found[0].finding.block.failure
    assert failure is not None and {failure.program, failure.map} & {"p0", "x0", "m0"}
    assert Standing.UNANSWERED in {report.standing for report in reports}  # it says that there are more


def test_what_make_returned_is_no_failure_of_a_loader() -> None:
    text = (
        "libbpf: failed to find BTF for extern 'bpf_ct_release' [138] section: -2\n"
        "make: *** [Makefile:119: .output/xdp_syn.skel.h] Error 254\n"
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "name-not-declared" and "__ksym" in found.wants


def test_a_name_of_the_kernels_is_no_function_to_be_written() -> None:
    text = "libbpf: failed to find BTF for extern 'bpf_sched_belongs_to': -2\n"
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "name-not-declared" and "bpf_helper_defs.h" in found.wants


def test_a_list_of_types_that_was_cut_is_no_message() -> None:
    text = (
        "libbpf: Error loading BTF: Invalid argument(22)\nlibbpf: magic: 0xeb9f\nversion: 1\nhdr_len: 24\n"
        "[1] PTR (anon) type_id=2\n[2] STRUCT bpf_sock_ops size=192 vlen=36\n        op type_id=3 bits_offset=0\n"
        "        (anon) type_id=5 bits_offset=32\n        family type_id=3 bits_offset=160\n"
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "object-types-unreadable"


def test_a_log_without_a_complaint_is_not_said_to_load() -> None:
    (report,) = reports_of(
        "0: R1=ctx() R10=fp0\n0: (b7) r0 = 0\n1: (95) exit\nprocessed 2 insns (limit 1000000)"
        " max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
    )
    assert report.verdict is Verdict.NO_COMPLAINT and report.standing is Standing.NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "my service does not start since the update",
        "error: building my-app failed\nmake: *** [Makefile:8: all] Error 1",
    ],
)
def test_a_text_in_which_nothing_can_be_read_is_no_answer(text: str) -> None:
    (report,) = reports_of(text)
    assert report.verdict is Verdict.UNKNOWN and report.standing is Standing.UNANSWERED


def test_the_verifiers_words_win_over_the_loaders() -> None:
    text = (
        "libbpf: prog 'drop': BPF program load failed: Permission denied\nlibbpf: prog 'drop': -- BEGIN PROG LOAD"
        " LOG --\n0: R1=ctx() R10=fp0\n0: (61) r1 = *(u32 *)(r3 +0)\nR3 !read_ok\nprocessed 1 insns (limit 1000000)"
        " max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n-- END PROG LOAD LOG --\nlibbpf: prog 'drop':"
        " failed to load: -13\nlibbpf: failed to load object 'x'\nError: failed to load BPF skeleton: Permission denied\n"
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "uninitialized-register"


def test_iproute2_leaves_out_maps_that_it_does_not_know() -> None:
    text = (
        "Prog section 'mark' rejected: Permission denied (13)!\n - Type:         3\n\nVerifier analysis:\n\n"
        "0: (b7) r1 = 0\n1: (63) *(u32 *)(r10 -4) = r1\n2: (bf) r2 = r10\n3: (07) r2 += -4\n4: (18) r1 = 0x0\n"
        "6: (85) call bpf_map_lookup_elem#1\nR1 type=inv expected=map_ptr\nprocessed 6 insns (limit 1000000)"
        " max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n\nError fetching program/map!\n"
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "tc-loader" and 'SEC(".maps")' in found.means


def test_a_kernel_without_btf_is_not_blamed_on_the_function() -> None:
    text = (
        "btf_vmlinux is malformed\nArg#0 type PTR in first() is not supported yet.\nprocessed 0 insns (limit 1000000)"
        " max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "btf-missing" and "CONFIG_DEBUG_INFO_BTF" in found.means


def test_records_with_a_verifiers_log_in_them_are_one_log() -> None:
    text = "".join(
        f'12:00:00.1 ERROR bpf main.go:3 Kernel verifier rejected the program {{"line": {at}, "log": "{line}"}}\n'
        for at, line in enumerate(
            (
                "Validating inner() func#1...",
                "Arg#0 type PTR in inner() is not supported yet.",
                "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0",
            )
        )
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "global-function-argument"


def test_a_line_that_a_backslash_breaks_is_one_line() -> None:
    text = (
        'level=error msg="cannot start" error="collection failed: \\\nprogram on_exit: load program: invalid argument:'
        ' \\\nprogram of this type cannot use helper bpf_probe_read#4 (13 line(s) omitted)"\n'
    )
    (found,) = (each for report in reports_of(text) for each in report.diagnoses)
    assert found.rule == "helper-not-allowed"


def test_a_pinned_map_that_differs_is_one_failure() -> None:
    said = (
        "libbpf: couldn't reuse pinned map at '/sys/fs/bpf/flows': parameter mismatch\n"
        "libbpf: map 'flows': error reusing pinned map\n"
        "libbpf: map 'flows': failed to create: Invalid argument(-22)\n"
        "libbpf: failed to load object 'pin9.o'\nError: failed to load object file\n"
    )
    assert [each.rule for report in reports_of(said) for each in report.diagnoses] == ["pinned-map-mismatch"]


def test_a_program_of_which_nothing_was_walked_is_not_said_to_be_verified() -> None:
    said = (
        "libbpf: prog 'on_packet': BPF program load failed: ERROR: strerror_r(524)=22\n"
        "libbpf: prog 'on_packet': -- BEGIN PROG LOAD LOG --\n"
        "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
        "-- END PROG LOAD LOG --\nlibbpf: prog 'on_packet': failed to load: -524\n"
    )
    ((found,),) = (report.diagnoses for report in reports_of(said))
    assert "looked at no instruction" in found.means and "JIT" not in found.means


@pytest.mark.parametrize(
    ("line", "step", "errno", "name"),
    [
        ('creating eBPF map "flow_stats": map create: operation not permitted', Step.MAP, 1, "flow_stats"),
        ("Unable to create eBPF map conn_map: Cannot allocate memory (12)", Step.MAP, 12, "conn_map"),
        ("parse BTF: no BTF found for kernel version 4.18.0: not supported", Step.RELOCATE, 95, "kernel-btf"),
        ("get kernel spec: can't find vmlinux: file does not exist", Step.RELOCATE, 2, "kernel-btf"),
    ],
)
def test_a_map_and_the_kernels_types_are_named(line: str, step: Step, errno: int, name: str) -> None:
    found = failure.read(line)
    assert found is not None
    assert (found.step, found.errno) == (step, errno)
    assert (found.map or found.kind) == name


def test_a_line_with_an_error_number_is_not_said_to_have_none() -> None:
    text = b"panic: failed to create link: link create: bad file descriptor\n"
    raw = RawReport(text, "log", Flavour.LOG, Stage.PASTE)
    (found,) = (each for report in diagnose(raw) for each in report.diagnoses)
    assert "EBADF" in found.headline
    assert "no error number" not in found.means


@pytest.mark.parametrize(
    ("line", "step", "target"),
    [
        ("failed to initialize skeleton: -2", Step.UNKNOWN, ""),
        (
            "thread 'worker' panicked at 'called `Result::unwrap()` on an `Err` value: ProgramError(SyscallError { call: "
            '"bpf_link_create", io_error: Os { code: 16, message: "Device or resource busy" } })\'',
            Step.ATTACH,
            "",
        ),
        ("loader: setrlimit RLIMIT_MEMLOCK: operation not permitted", Step.MAP, ""),
    ],
)
def test_a_line_says_no_more_than_it_does(line: str, step: Step, target: str) -> None:
    found = failure.read(line, alone=True)
    assert found is not None
    assert (found.step, found.target) == (step, target)


def _only(text: str) -> Diagnosis:
    raw = RawReport(text.encode(), "log", Flavour.LOG, Stage.PASTE)
    (found,) = (each for report in diagnose(raw) for each in report.diagnoses)
    return found


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        (
            'write(/sys/kernel/debug/tracing/kprobe_events, "p:kprobes/p_do_nothing do_nothing") failed: No such file or directory\n',
            "attach-failed",
            "This kernel has no function do_nothing",
        ),
        (
            "/virtual/main.c:3:1: error: could not open bpf map: Argument list too long\nBPF_HASH(bytes, u32);\n^\n"
            "/virtual/include/bcc/helpers.h:92:37: note: expanded from macro 'BPF_HASH'\n  BPF_HASHX(__VA_ARGS__)\n  ^\n"
            "/virtual/main.c:9:5: error: expected initialized handle for bpf_table\n    bytes.increment(k);\n    ^\n2 errors generated.\n",
            "map-create-failed",
            "too large",
        ),
        ("E0102 agent.go:9] pid=7: failed to attach uprobe: symbol tls_send: not found\n", "user-probe-target", "no symbol tls_send"),
        ("Exception: could not determine address of symbol tls_send\n", "user-probe-target", "no symbol tls_send"),
        ("cannot mount bpf filesystem on /sys/fs/bpf: Operation not permitted\n", "pin-failed", "could not be mounted"),
        ("Error: open state: pin map flows at /sys/fs/bpf/app/flows: BPF_OBJ_PIN failed\n", "pin-failed", "there already"),
        ("Error: cannot open the log\n\nCaused by:\n    map `AYA_LOGS` not found\n", "object-unreadable", "aya-log"),
        (
            "libbpf: btf: type [90]: referenced type [88] is not FUNC_PROTO\nlibbpf: failed to load module [mymod]'s BTF object #2: -22\n",
            "btf-missing",
            "built against another build",
        ),
        ("level=warn msg=\"kprobe check failed, but will continue with loading\" sensor=files\n", "loading-step-failed", "goes on"),
        (
            "May 02 10:00:01 n1 bpfload[7]: thread 'main' panicked at 'pin path must be set', src/pin.rs:30:14\n"
            "May 02 10:00:01 n1 systemd[1]: bpfload.service: Failed with result 'exit-code'.\n",
            "loading-step-failed",
            "The loader itself crashed",
        ),
        ("put tail: bpf_map_update_elem() failed: Invalid argument\n", "bpftool-request", "a program that is loaded"),
        ("level=error msg=\"failed to update map flow_table: operation not permitted\"\n", "bpftool-request", "frozen"),
        ("libbpf: failed to add legacy kprobe event for 'do_none+0x0': No such file or directory\n", "attach-failed", "tracefs is not mounted"),
        ("agent: failed to get symbol net.(*Conn).Write: no symbols found\n", "user-probe-target", "stripped"),
        ("level=fatal msg=\"start: ksyms.KernelSymbols: no symbols found\"\n", "attach-failed", "/proc/kallsyms"),
    ],
)  # fmt: skip
def test_what_a_place_or_a_form_says_is_told(text: str, rule: str, says: str) -> None:
    found = _only(text)
    assert found.rule == rule
    assert says in (found.means or "")
