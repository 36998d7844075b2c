"""Makes corpus/toolchain_messages.json: what loaders and compilers print when a BPF program does not load."""
