"""The values that flow through bpfdoctor: frozen dataclasses without I/O.

Every stage is a function from one of these to the next:
RawReport -> Transcript -> Trace -> Finding -> Diagnosis (with Fixes) -> Report.
"""
