from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idmaj.app import cli, cli_strategies
from idmaj.app.terminal import write_file
from idmaj.scenarios import strategies
from idmaj.sim.errors import UserError

GOOD = 'name = "Mine"\nextends = "continued"\nwhy = "a test"\n[selection]\nrule = "need_first"\n'
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    """Run a command that succeeds; return what it printed."""
    result = RUNNER.invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def fails(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> tuple[str, str]:
    """Run a command through the error boundary; return standard output and standard error."""
    capsys.readouterr()
    before = sorted(Path().rglob("*"))
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == code
    assert sorted(Path().rglob("*")) == before
    said = capsys.readouterr()
    return said.out, said.err


def process(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "idmaj.app.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **more})


# list, show, diff


def test_list_names_every_strategy_with_what_it_extends() -> None:
    rows = {row["strategy"]: row for row in json.loads(run("strategies", "list", "--json"))}
    assert rows["neediest_first"]["extends"] == "continued"
    assert rows["history"]["extends"] is None
    text = run("strategies", "list")
    assert all(f"  {name} " in text and row["name"] in text for name, row in rows.items())
    assert len(text.splitlines()) < len(rows) + 10
    assert "idmaj run historical (2007 to 2025)" in text


def test_show_says_value_unit_since_and_who_set_it() -> None:
    shown = json.loads(run("strategies", "show", "neediest_first", "--json"))
    rows = {row["key"]: row for row in shown["settings"]}
    assert [layer["strategy"] for layer in shown["layers"]] == ["history", "continued", "neediest_first"]
    assert rows["selection.rule"] | {"meaning": "", "why": ""} == {
        "key": "selection.rule",
        "value": "need_first",
        "words": "need_first",
        "unit": "",
        "meaning": "",
        "since": "2026-01",
        "ramp_months": 0,
        "set_by": "neediest_first",
        "why": "",
    }
    assert (rows["grants.amount_mad"]["set_by"], rows["grants.amount_mad"]["since"]) == ("history", "2013-11")
    assert (rows["grants.tranches"]["set_by"], rows["grants.tranches"]["since"]) == ("default", "-")
    assert rows["eligibility.asylum_seekers"]["value"] is False
    text = run("strategies", "show", "neediest_first")
    assert all(row["key"] in text for row in shown["settings"])
    assert "need_first" in text


def test_show_follows_the_dates_after_the_start() -> None:
    shown = json.loads(run("strategies", "show", "history", "--start", "2017-06", "--json"))
    intake = [
        (row["since"], row["value"]) for row in shown["settings"] if row["key"] == "intake.projects_per_year"
    ]
    assert intake == [("2016-11", 81), ("2017-11", 88)]
    budget = [row["value"] for row in shown["settings"] if row["key"] == "funding.budget_mad_per_year"]
    assert budget == ["inf"]


def test_diff_says_it_in_words() -> None:
    text = run("strategies", "diff", "continued", "case_by_case")
    assert (
        "advisers.mode: A uniform, B case_by_case, from 2026-01 on\n    How advisers share out their hours"
        in text
    )
    assert "Nothing differs." in run("strategies", "diff", "history", "historical")
    (row,) = json.loads(run("strategies", "diff", "continued", "case_by_case", "--json"))["differences"]
    assert (row["key"], row["from"], row["to"], row["a"], row["b"]) == (
        "advisers.mode",
        "2026-01",
        None,
        "uniform",
        "case_by_case",
    )


def test_show_and_diff_of_several_together() -> None:
    shown = json.loads(run("strategies", "show", "neediest_first+case_by_case", "--json"))
    assert (shown["strategy"], shown["extends"]) == ("neediest_first+case_by_case", None)
    assert shown["combines"] == ["neediest_first", "case_by_case"]
    set_by = {row["key"]: row["set_by"] for row in shown["settings"]}
    assert (set_by["selection.rule"], set_by["advisers.mode"]) == ("neediest_first", "case_by_case")
    text = run("strategies", "show", "neediest_first+case_by_case")
    assert "combines 'The neediest first' (neediest_first)\ncombines 'Accompaniment case by case'" in text
    assert "which all include 'Today's strategy continued' (continued)" in text
    text = run("strategies", "diff", "continued", "neediest_first+case_by_case")
    assert "selection.rule: A as_before, B need_first, from 2026-01 on" in text
    assert "advisers.mode: A uniform, B case_by_case, from 2026-01 on" in text


# check


def test_check_says_what_a_file_changes() -> None:
    Path("mine.toml").write_text(GOOD + '[advisers]\nmode = "uniform"\n', encoding="utf-8")
    text = run("strategies", "check", "mine.toml")
    assert "mine.toml is valid" in text
    assert "selection.rule: need_first instead of as_before, from 2026-01 on" in text
    assert "Set to what it is there already: advisers.mode" in text
    shown = json.loads(run("strategies", "check", "mine.toml", "--json"))
    assert shown["valid"] is True
    assert [row["key"] for row in shown["changes"]] == ["selection.rule"]
    assert shown["unchanged"] == ["advisers.mode"]


def test_check_of_a_change_that_comes_and_goes() -> None:
    block = '[[changes]]\ndate = "{}"\nwhy = "x"\n[changes.selection]\nrule = "{}"\n'
    text = GOOD + block.format("2028-01", "as_before") + block.format("2050-01", "lottery")
    Path("mine.toml").write_text(text, encoding="utf-8")
    said = run("strategies", "check", "mine.toml", "--start", "2027-01")
    assert "need_first instead of as_before, from 2027-01 to 2027-12" in said
    assert "lottery instead of as_before, from 2050-01 on" in said


PACKAGE = 'name = "Package"\nwhy = "both"\ncombines = ["mine.toml", "case_by_case"]\n'


def test_check_of_a_package_is_against_what_its_parts_share() -> None:
    Path("mine.toml").write_text(GOOD + '[advisers]\nnumber = 6\n', encoding="utf-8")
    Path("package.toml").write_text(PACKAGE, encoding="utf-8")
    for which in ("package.toml", "mine.toml+case_by_case"):
        text = run("strategies", "check", which)
        assert f"{which} is valid" in text
        assert "changes this in 'Today's strategy continued' (continued)" in text.replace("\n", " ")
        assert "selection.rule: need_first instead of as_before, from 2026-01 on" in text
        assert "advisers.mode: case_by_case instead of uniform, from 2026-01 on" in text
        assert "Set to what it is there already: advisers.number" in text
    shown = json.loads(run("strategies", "check", "package.toml", "--json"))
    assert (shown["extends"], shown["combines"]) == (None, ["mine", "case_by_case"])


def test_list_shows_a_package_with_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.toml").write_text(GOOD, encoding="utf-8")
    Path("package.toml").write_text(PACKAGE, encoding="utf-8")
    files = {**strategies.catalogue(), "package": Path("package.toml")}
    monkeypatch.setattr(strategies, "catalogue", lambda: files)
    (row,) = [each for each in json.loads(run("strategies", "list", "--json")) if each["strategy"] == "package"]
    assert (row["extends"], row["combines"]) == (None, ["mine", "case_by_case"])
    assert "mine + case_by_case" in run("strategies", "list")


@pytest.mark.parametrize("command", ["strategies show", "strategies check", "strategies diff history", "run"])
def test_what_cannot_be_combined(capsys: pytest.CaptureFixture[str], command: str) -> None:
    Path("mine.toml").write_text(GOOD.replace("need_first", "lottery"), encoding="utf-8")
    for which, said in [
        ("neediest_first+case_by_cas", "did you mean 'case_by_case'?"),
        ("neediest_first++case_by_case", "a '+' with nothing beside it"),
        ("+case_by_case", "write case_by_case"),
        ("case_by_case+case_by_case", "the same part twice"),
        ("mine.toml+neediest_first", "mine.toml:5: key 'selection.rule': found lottery here and need_first in"),
    ]:
        out, err = fails(capsys, 2, *command.split(), which)
        assert out == ""
        assert said in err
        assert len(err.splitlines()) == 1


BLOCK = '[[changes]]\ndate = "{}"\nwhy = "x"\n[changes.grants]\namount_mad = 1\n'
BAD = [
    (GOOD.replace("selection]", "selecton]"), "4: key 'selecton': found an unknown section", "'selection'?"),
    (GOOD.replace("rule", "rul"), "5: key 'selection.rul': found an unknown key", "did you mean 'rule'?"),
    (GOOD.replace("need_first", "need"), "5: key 'selection.rule': found \"need\"", "mean 'need_first'?"),
    (GOOD + "weight_on_need = 40\n", "6: key 'selection.weight_on_need': found 40", "for 40 % write 0.4"),
    (GOOD + "grants.amount_mad = '9500 MAD'\n", "6: key 'selection.grants'", "accepted one of rule"),
    (GOOD + "[grants]\namount_mad = '9500 MAD'\n", "7: key 'grants.amount_mad'", "write 9500 without quotes"),
    (GOOD + "[funding]\nbudget_mad_per_year = -5\n", "7: key 'funding.budget_mad_per_year'", "0 or more"),
    (
        GOOD + "[funding]\nmonaco_share = 0.5\n",
        "7: key 'funding.monaco_share'",
        "add up to 1.25 from 2026-01",
    ),
    (GOOD.replace("continued", "continud"), "2: key 'extends': found \"continud\"", "mean 'continued'?"),
    (GOOD.replace("continued", "mine.toml"), "2: key 'extends'", "a circle: mine.toml -> mine.toml"),
    (GOOD + BLOCK.format("2020-01"), "7: key 'changes.date': found \"2020-01\"", "--start 2020-01"),
    (GOOD + BLOCK.format("2028-13"), "7: key 'changes.date': found \"2028-13\"", "from 01 to 12"),
    (GOOD.replace('"need_first"', "0,5"), "5: key 'rule': found rule = 0,5 (column", "a point: 0.5"),
    (GOOD.replace('"a test"', '"a test'), "3: key 'why'", "close the quotes on the same line"),
]


@pytest.mark.parametrize(("text", "start", "hint"), BAD)
def test_a_bad_file_names_place_found_accepted_and_remedy(
    capsys: pytest.CaptureFixture[str], text: str, start: str, hint: str
) -> None:
    Path("mine.toml").write_text(text, encoding="utf-8")
    for command in (["check", "mine.toml"], ["show", "mine.toml"], ["diff", "continued", "mine.toml"]):
        out, err = fails(capsys, 2, "strategies", *command)
        assert out == ""
        assert err.startswith(f"mine.toml:{start}")
        assert ", accepted " in err
        assert hint in err
        assert "Traceback" not in err


def test_all_problems_of_a_file_are_said_and_counted_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text('why = "x"\n[selecton]\n[grants]\namount_mad = -1\n', encoding="utf-8")
    out, err = fails(capsys, 2, "strategies", "check", "mine.toml", "--json")
    shown = json.loads(out)
    assert shown["valid"] is False
    assert [(each["line"], each["key"]) for each in shown["problems"]] == [
        (1, "name"),
        (2, "selecton"),
        (4, "grants.amount_mad"),
    ]
    assert len(err.splitlines()) == len(shown["problems"])


@pytest.mark.parametrize("command", [["check"], ["show"], ["diff", "continued"], ["new", "A", "--extends"]])
def test_an_unknown_name_a_missing_file_and_a_directory(
    capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert "did you mean 'case_by_case'?" in fails(capsys, 2, "strategies", *command, "case_by_cas")[1]
    assert "no.toml: found no such file" in fails(capsys, 2, "strategies", *command, "no.toml")[1]
    Path("folder.toml").mkdir()
    assert "folder.toml: found a directory" in fails(capsys, 2, "strategies", *command, "folder.toml")[1]


@pytest.mark.parametrize("command", ["check continued", "show continued", "diff continued history", "new A"])
def test_a_bad_start(capsys: pytest.CaptureFixture[str], command: str) -> None:
    err = fails(capsys, 2, "strategies", *command.split(), "--start", "January 2028")[1]
    assert err.startswith('--start: found "January 2028", accepted a month from 2007-01 on, written YYYY-MM')
    assert 'write "2028-01"' in err


# new


def test_new_writes_a_file_that_check_accepts() -> None:
    run("strategies", "new", "Neediest, then others!", "--extends", "neediest_first")
    assert "changes nothing in 'The neediest first'" in run(
        "strategies", "check", "neediest_then_others.toml"
    )


def test_new_extends_a_file_relative_to_where_it_writes() -> None:
    Path("mine.toml").write_text(GOOD, encoding="utf-8")
    Path("plans").mkdir()
    run("strategies", "new", "Next", "--extends", "mine.toml", "--out", "plans/next.toml")
    assert 'extends = "../mine.toml"' in Path("plans/next.toml").read_text(encoding="utf-8")
    assert "is valid" in run("strategies", "check", "plans/next.toml")


def test_new_extends_one_strategy(capsys: pytest.CaptureFixture[str]) -> None:
    err = fails(capsys, 2, "strategies", "new", "A", "--extends", "neediest_first+case_by_case")[1]
    assert "accepted one strategy; in a file write combines = [...]" in err


def test_new_replaces_nothing_without_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.toml").write_text("mine", encoding="utf-8")
    assert "add --force" in fails(capsys, 2, "strategies", "new", "A")[1]
    assert Path("a.toml").read_text(encoding="utf-8") == "mine"
    run("strategies", "new", "A", "--force")
    assert 'name = "A"' in Path("a.toml").read_text(encoding="utf-8")


def test_new_says_where_it_cannot_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no/a.toml: cannot be written (no such file or directory)" in fails(
        capsys, 2, "strategies", "new", "A", "--out", "no/a.toml"
    )[1].replace(os.sep, "/")
    Path("there").mkdir()
    assert "there: found a directory" in fails(capsys, 2, "strategies", "new", "A", "--out", "there")[1]
    assert "at least one letter" in fails(capsys, 2, "strategies", "new", "!!")[1]


def test_a_write_that_breaks_off_leaves_the_old_file_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("a.toml")
    path.write_text("old", encoding="utf-8")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, "new", force=True)
    assert [file.name for file in Path().iterdir()] == ["a.toml"]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_full_disk_is_a_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="cannot be written \\(no space left on device\\)"):
        write_file(Path("a.toml"), "new", force=False)
    assert list(Path().iterdir()) == []


# The boundary


def test_a_mistyped_command_or_option_is_the_users_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert "strategies" in fails(capsys, 2, "strategis")[1]
    assert "--json" in fails(capsys, 2, "strategies", "list", "--jsn")[1]
    assert "STRATEGY" in fails(capsys, 2, "strategies", "show")[1]


def test_our_own_mistake_says_so_and_shows_where(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli_strategies, "print_json", broken)
    err = fails(capsys, 1, "strategies", "list", "--json")[1]
    assert "ZeroDivisionError" in err
    assert "a mistake in idmaj, not in what you gave it" in err


def test_ctrl_c_ends_with_130_and_says_that_nothing_is_left() -> None:
    code = (
        # A shell that runs this in the background would have it ignore the signal.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from idmaj.app import cli, cli_strategies;"
        "cli_strategies.print_json = lambda _: signal.raise_signal(signal.SIGINT);"
        "cli.main(['strategies', 'list', '--json'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (130, "stopped; nothing half-written is left")
    assert done.stdout == ""


def test_help_and_usage_import_nothing_heavy() -> None:
    heavy = ("numba", "mesa", "scipy", "pandas", "matplotlib", "numpy", "pydantic")
    code = (
        "import sys; from idmaj.app import cli\n"
        "try: cli.main(['--help'])\n"
        f"except SystemExit: print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "strategies" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_commands_run_as_a_process_without_colours() -> None:
    Path("mine.toml").write_text(GOOD + "weight_on_need = 40\n", encoding="utf-8")
    done = process("strategies", "check", "mine.toml")
    assert done.returncode == 2
    said = "found 40, accepted a share from 0 to 1; for 40 % write 0.4"
    assert done.stderr.strip() == f"mine.toml:6: key 'selection.weight_on_need': {said}"
    listed = process("strategies", "list")
    assert listed.returncode == 0
    assert "\x1b[" not in listed.stdout


def test_markup_in_a_name_stays_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text(GOOD.replace("Mine", "[red]M[/red] :smile: إدماج"), encoding="utf-8")
    assert "[red]M[/red] :smile: إدماج" in run("strategies", "check", "mine.toml")
    done = process("strategies", "check", "mine.toml", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "[red]M[/red] :smile: \\u0625" in done.stdout
