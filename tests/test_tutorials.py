"""The tutorials can be followed: their commands are run in order. What EXTENDING.md and PAGE.md name is there."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from idmaj.app.cli import main
from idmaj.scenarios.language import Language
from idmaj.scenarios.strategies import load
from idmaj.sim.policy import settings_table

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TUTORIALS = (DOCS / "TUTORIALS.md").read_text(encoding="utf-8")
EXTENDING = (DOCS / "EXTENDING.md").read_text(encoding="utf-8")
TOLD = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("TUTORIALS", "EXTENDING", "PAGE")}
SMALL = {
    "compare": ["--draws", "4", "--years", "1"],
    "robust": ["--futures", "recession", "--draws", "2", "--years", "3"],
    "run": ["--draws", "2"],
    "whatif": ["--draws", "2"],
    "why": ["--draws", "2", "--years", "1"],
    "size": ["--start", "2008-01", "--from", "3500000"],
    "plan": ["--draws", "2", "--years", "1"],
    "what-moves": ["--start", "2008-01"],
    "marginal": ["--draws", "2"],
}
"""Added to a command, so that all of them take well under a minute; of an option given twice the last one holds."""
SERVES = "app"
MADE_UP = {"sim/rules", "scenarios/questions/queue.py", "app/cli_queue.py", "scenarios/locale/es/LC_MESSAGES/idmaj.po"}
"""Files of the worked examples, which are not there."""
USERS = ("The strategist", "The evaluator", "The programme designer")


def fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)


def example(name: str) -> str:
    (found,) = re.findall(rf"<!-- example: {name} -->\n *```\w+\n(.*?)```", EXTENDING, re.DOTALL)
    return re.sub("^   ", "", found, flags=re.MULTILINE)


@pytest.mark.parametrize("user", USERS)
def test_a_tutorial_can_be_followed(
    user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tutorial,) = re.findall(rf"^## {user}\n(.*?)(?=^## )", TUTORIALS, re.DOTALL | re.MULTILINE)
    for language, block in re.findall(r"^```(sh|toml)\n(.*?)^```", tutorial, re.DOTALL | re.MULTILINE):
        if language == "toml":
            (tmp_path / "my_plan.toml").write_text(block, encoding="utf-8")
            continue
        for line in block.splitlines():
            name, command, *words = shlex.split(line)
            assert name == "idmaj"
            asked = [command, "--help"] if command == SERVES else [command, *words, *SMALL.get(command, [])]
            with pytest.raises(SystemExit) as ended:
                main(asked)
            said = capsys.readouterr()
            assert not ended.value.code, f"{line}: {said.err}"


def test_the_file_of_the_tutorial_warns_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (text,) = fenced(TUTORIALS, "toml")
    (tmp_path / "my_plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["strategies", "check", str(tmp_path / "my_plan.toml")])
    said = capsys.readouterr().out
    assert "is valid" in said
    assert "Mind" not in said


@pytest.mark.parametrize("page", TOLD)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    for target, heading in re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)", TOLD[page]):
        path = DOCS / target if target else DOCS / f"{page}.md"
        assert path.exists(), target
        if heading:
            text = path.read_text(encoding="utf-8")
            headings = {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-")
                        for each in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}  # fmt: skip
            assert heading in headings, f"{target}#{heading}"


@pytest.mark.parametrize("page", TOLD)
def test_files_that_a_page_names_are_there(page: str) -> None:
    prose = re.sub(r"```.*?```", "", TOLD[page], flags=re.DOTALL)
    named = set(re.findall(r"`((?:sim|calibration|scenarios|app|docs|tests|benchmarks)/[\w./]*)`", prose))
    assert [each for each in named - MADE_UP if not (ROOT / each).exists()] == []


@pytest.mark.parametrize(("name", "file"), re.findall(r"`([A-Za-z_]+)` (?:in|of) `([\w/]+\.py)`", EXTENDING))
def test_a_name_stands_in_the_file_that_is_said_to_have_it(name: str, file: str) -> None:
    module = importlib.import_module("idmaj." + file.removesuffix(".py").replace("/", "."))
    assert hasattr(module, name)


def test_names_in_files_were_found() -> None:
    assert len(re.findall(r"`([A-Za-z_]+)` (?:in|of) `([\w/]+\.py)`", EXTENDING)) >= 8


def test_the_strategy_of_extending_is_one(tmp_path: Path) -> None:
    path = tmp_path / "longer.toml"
    path.write_text(example("strategy"), encoding="utf-8")
    strategy = load(str(path))
    settings = settings_table(strategy, 228, 348)
    assert len(strategy.why) > 40
    assert settings["advisers_months"][228] == 36
    assert list(settings["advisers_number"][[239, 245, 347]]) == [6.0, 8.0, 8.0]


def test_the_language_of_extending_is_one() -> None:
    found = eval(example("language").rstrip(",\n"), {"Language": Language})
    assert found.direction == "ltr"
    assert len({found.decimal, found.thousands}) == 2


def test_every_piece_of_python_of_extending_can_be_read() -> None:
    for block in fenced(EXTENDING, "py"):
        text = re.sub("^   ", "", block, flags=re.MULTILINE) if block.startswith("   ") else block
        whole = f"({text})" if re.match(r"[\"(]", text.lstrip()) and '"""' not in text[:3] else text
        whole = f"{{{text}}}" if re.search(r'^"\w+":', text, re.MULTILINE) else whole
        compile(whole, "EXTENDING.md", "exec")
