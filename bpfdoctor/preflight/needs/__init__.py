"""What an object uses of the kernel, and which kernels have it."""
