"""Like map_value_range, for memory of a known size: ring buffer records, dynptr slices, buffers."""

from bpfdoctor.evidence.map_value_range import ObjectRange, collect

__all__ = ["ObjectRange", "collect"]
