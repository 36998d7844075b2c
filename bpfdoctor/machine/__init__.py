"""The abstract machine: what the verifier knows of registers and stack, and what an instruction makes of it.

It stands on model/ and kernel/ alone: whoever reads logs, tries fixes or runs programs uses the same one.
"""
