"""What holds for every test: rules have a door for Python, studies go to a temporary home, all begins in English."""

import functools
import os
from collections.abc import Iterator

import pytest
import typer.main
import typer.testing

from idmaj.app import cli
from idmaj.scenarios.language import speak

os.environ["IDMAJ_DOORS"] = "1"

# The command line is made once, not for each of some thousand commands: that takes longer than most of them do.
cli.build = functools.cache(cli.build)
typer.main.get_command = typer.testing._get_command = functools.cache(typer.main.get_command)

LONGEST = (
    "test_questions", "test_web_page", "test_by_table", "test_cli_validate", "test_readme", "test_cli_study",
    "test_rules_matter", "test_cli_run", "test_studies", "test_conservation", "test_build", "test_cli_report",
)  # fmt: skip
"""Files that take longest come first: a worker that takes one up last would have the others wait for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file tests keep their order."""
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Speak English again after a test, whatever it spoke."""
    yield
    speak("en")


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDMAJ_STUDIES", str(tmp_path_factory.mktemp("home")))
        yield
