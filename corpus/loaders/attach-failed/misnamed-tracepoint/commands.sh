python3 attach.py prog.bpf.o
