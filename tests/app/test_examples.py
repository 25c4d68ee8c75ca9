"""Every command says what it does with an example that its own command line understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from idmaj.app.cli import build


def leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(leaves(typer.main.get_command(build())))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_has_an_example_that_its_own_line_understands(path):
    command = COMMANDS[path]
    said = " ".join(f"{command.help} {command.epilog or ''}".split())
    found = re.search(r"Example: idmaj (.*)$", said)
    assert found, said
    words = shlex.split(found[1])
    assert tuple(words[: len(path)]) == path
    command.make_context(" ".join(path), words[len(path) :])  # a word that it does not know is an error


def test_there_are_many():
    assert len(COMMANDS) > 35
