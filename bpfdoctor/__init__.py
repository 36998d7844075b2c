"""bpfdoctor: why a BPF program was refused, and the patch a real kernel accepts."""

__version__ = "0.2.0.dev0"
