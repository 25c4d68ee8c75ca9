"""What the README shows is what happens."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from idmaj.app.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def idmaj(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "idmaj.app.cli", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_the_code_prints_the_numbers_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = fenced("python")
    (shown,) = fenced("text")
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == shown


def test_the_strategy_shown_is_accepted(tmp_path: Path) -> None:
    (text,) = fenced("toml")
    (tmp_path / "my_plan.toml").write_text(text, encoding="utf-8")
    done = idmaj("strategies", "check", "my_plan.toml", folder=tmp_path)
    assert done.returncode == 0, done.stderr


def commands() -> list[str]:
    return re.findall(r"\| `(idmaj [^`]+)` \|", README)


SMALL = {
    "compare": ["--draws", "2", "--replications", "1", "--years", "1"],
    "run": ["--draws", "1", "--replications", "1"],
    "whatif": ["--draws", "2", "--replications", "1"],
    "why": ["--draws", "2", "--replications", "1", "--years", "1"],
    "sensitivity": ["--start", "2008-01", "--years", "1"],
    "worth-knowing": ["--draws", "50", "--sizes", "20", "--start", "2010-01", "--years", "1"],
    "robust": ["--draws", "2", "--replications", "1", "--years", "3"],
    "frontier": ["--draws", "2", "--replications", "1", "--years", "1"],
    "equity": ["--draws", "2", "--replications", "1", "--years", "1"],
    "marginal": ["--over", "advisers.number=1,2", "--draws", "2", "--replications", "1", "--years", "1"],
    "markets": ["--times", "1,2", "--draws", "2", "--replications", "1", "--years", "1"],
    "split": ["--draws", "2", "--replications", "1", "--years", "1"],
    "size": ["--draws", "20", "--to", "4000000", "--step", "2000000"],
    "what-moves": ["--draws", "50", "--replications", "1", "--years", "1"],
    "plan": ["--draws", "2", "--replications", "1", "--years", "1"],
    "value": ["--draws", "2", "--replications", "1", "--years", "1"],
    "freeze": ["--draws", "2", "--replications", "1", "--years", "1"],
}


def test_the_commands_shown_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = commands()
    assert len(shown) >= 7
    for line in shown:
        words = shlex.split(line)[1:]
        if words[0] == "validate":
            continue  # a minute's work, done in tests/app/test_cli_validate.py
        command = words[2 if words[0] == "--lang" else 0]
        if command == "calibrate":
            words += ["--quick"]
        with pytest.raises(SystemExit) as ended:  # in this process: to start sixty others takes a minute
            main([*words, *SMALL.get(command, [])])
        assert not ended.value.code, f"{line}: {capsys.readouterr().err}"


def test_links_lead_somewhere() -> None:
    top = Path(__file__).parents[1]
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (top / target).exists(), target


@pytest.mark.parametrize("name", ["tour", "tests"])
def test_each_of_the_two_commands_is_one_line(name: str) -> None:
    (block,) = re.findall(rf"<!-- command: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block.count("\n") == 1
