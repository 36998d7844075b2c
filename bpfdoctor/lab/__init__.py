"""Real distribution kernels in small VMs: the same program before every kernel's verifier."""
