"""What holds for every test."""

import pytest
from hypothesis import settings

from tests.left_out import LeftOut

# Properties are not timed one example at a time: on a loaded machine that tests the machine.
settings.register_profile("bpfdoctor", deadline=None)
settings.load_profile("bpfdoctor")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftOut(config))
