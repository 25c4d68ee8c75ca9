"""What holds for every test: rules have a door for Python, and studies at home go to a temporary home."""

import os
from collections.abc import Iterator

import pytest

os.environ["IDMAJ_DOORS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDMAJ_STUDIES", str(tmp_path_factory.mktemp("home")))
        yield
