"""The corpus's logs are diagnosed once for all that is asked about them."""

import os
from collections.abc import Iterator

import pytest

from scripts import diagnosed


@pytest.fixture(scope="session", autouse=True)
def answers_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder that the workers of this run share, and no other run sees."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "answers"
    folder.mkdir(exist_ok=True)
    os.environ[diagnosed.FOLDER] = str(folder)
    yield
    del os.environ[diagnosed.FOLDER]
