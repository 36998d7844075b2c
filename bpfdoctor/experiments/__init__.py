"""What only a try can tell: other flags, other kernels, a run on made-up input.

Compilers and kernels come through small protocols; tries have a budget, and are remembered by content.
"""
