"""What the shell proposes while a command is typed, and that help fits a screen."""

import os
import subprocess
import sys

import pytest
import typer
from small_studies import done, given_medians, small
from typer.testing import CliRunner

from idmaj.app.cli import build
from idmaj.app.completing import outcomes, strategies, studies

SCREEN = 45
"""Lines of a screen of 100 columns."""


def completed(line: str, folder) -> list[str]:
    """Return what bash would propose after a line."""
    words = line.split(" ")
    environment = os.environ | {
        "_IDMAJ_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1),
    }  # fmt: skip
    here = [sys.executable, "-m", "idmaj.app.cli"]
    ended = subprocess.run(here, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return ended.stdout.split()


def test_the_shell_proposes_strategies_outcomes_and_studies(tmp_path):
    (tmp_path / "my_plan.toml").write_text("")
    with given_medians():
        done(tmp_path / "mine", small(draws=1, replications=1))
    assert completed("idmaj compare case", tmp_path) == ["case_by_case"]
    assert "continued+cooperatives" in completed("idmaj compare continued+coop", tmp_path)
    assert completed("idmaj run my", tmp_path) == ["my_plan.toml"]
    assert "live_businesses" in completed("idmaj robust --outcome live", tmp_path)
    assert "mine" in completed("idmaj study show m", tmp_path)
    assert "mine" in completed("idmaj lasting m", tmp_path)


def test_what_is_proposed_begins_as_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "continued" in strategies("con") and strategies("a+zzz") == []
    assert outcomes("survival") == ["survival_1y", "survival_3y", "survival_5y"]
    assert studies("no-such") == []


def _commands(command, path=()):
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from _commands(each, (*path, name))
    else:
        yield path


@pytest.mark.parametrize("path", list(_commands(typer.main.get_command(build()))), ids=" ".join)
def test_help_fits_a_screen_and_shows_an_example(path):
    said = CliRunner().invoke(build(), [*path, "--help"], env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}).output
    assert len(said.splitlines()) <= SCREEN
    assert "Example: idmaj" in said
