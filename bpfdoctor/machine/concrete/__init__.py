"""The concrete machine: runs a BPF program on made-up input, in checked memory.

The abstract machine's sibling: where that one knows ranges, this one has numbers. It stands on kernel/ alone.
What it can't do raises `CannotRun`; what a kernel would not survive is a `Fault`.
"""
