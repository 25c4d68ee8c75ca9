"""The questions of docs/QUESTIONS.md: each stands there with its command, and each command answers."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from idmaj.app.cli import main

DOCS = Path(__file__).parents[1] / "docs"
QUESTIONS = tomllib.loads((DOCS / "questions.toml").read_text(encoding="utf-8"))["questions"]
SMALL = ["--draws", "2", "--replications", "1", "--years", "2"]


def test_the_page_has_every_question_with_its_command_and_its_study() -> None:
    page = (DOCS / "QUESTIONS.md").read_text(encoding="utf-8")
    blocks = re.split(r"^## \d+\. ", page, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(QUESTIONS)
    for block, question in zip(blocks, QUESTIONS, strict=True):
        assert block.startswith(question["ask"]), "python docs/make_questions.py makes it again"
        assert question["command"] in block
        assert all(line in block for line in question["reading"])
        assert re.search(r"^Study: `[0-9a-f]{16}`", block, flags=re.MULTILINE)


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["ask"][:40] for question in QUESTIONS])
def test_its_command_answers(question, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    small = question.get("small", SMALL)
    before = [(question["before"], [])] if "before" in question else []
    for command, more in [*before, (question["command"], small)]:
        with pytest.raises(SystemExit) as ended:
            main([*shlex.split(command)[1:], *more, "--json"])
        said = capsys.readouterr()
        assert not ended.value.code, said.err
    found = json.loads(said.out)
    assert found.get("fingerprints") or found.get("fingerprint")
    if "rows" in question:
        assert set(question["rows"]) <= {row["outcome"] for row in found["rows"]}
    else:
        assert found.get("sentence") or found["sound"]
