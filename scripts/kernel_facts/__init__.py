"""Reads from the kernels' sources what bpfdoctor/kernel knows of helpers, kfuncs, program and map types."""
