"""Makes corpus/messages.json: every message the verifiers of Debian's kernels can put into a log."""
