"""What speaks around a verifier's log: loaders, compilers, and their ways to write an error number."""
