"""The failing path: its steps, the states around them, where a value came from."""

from bpfdoctor.trace.path import Trace

__all__ = ["Trace"]
