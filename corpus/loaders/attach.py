"""python3 attach.py PROGRAM.bpf.o: loads an object with libbpf and attaches its programs, until a key is pressed."""

import ctypes
import sys

libbpf = ctypes.CDLL("libbpf.so.1")
for name in ("bpf_object__open_file", "bpf_object__next_program", "bpf_program__attach"):
    getattr(libbpf, name).restype = ctypes.c_void_p

object = ctypes.c_void_p(libbpf.bpf_object__open_file(sys.argv[1].encode(), None))
if not object or libbpf.bpf_object__load(object):
    sys.exit(1)
program = None
while program := libbpf.bpf_object__next_program(object, ctypes.c_void_p(program)):
    if not libbpf.bpf_program__attach(ctypes.c_void_p(program)):
        sys.exit(1)
input("attached; Enter ends it")
