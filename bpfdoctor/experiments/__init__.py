"""What only a try can tell: other flags, other kernels, a run on made-up input."""
