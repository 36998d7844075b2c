"""Properties are not timed one example at a time: on a loaded machine that tests the machine."""

from hypothesis import settings

settings.register_profile("bpfdoctor", deadline=None)
settings.load_profile("bpfdoctor")
