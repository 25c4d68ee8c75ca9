"""What `idmaj strategies` says of packages, futures and ramps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.sim.policy import StrategyError

GOOD = 'name = "Mine"\nextends = "continued"\nwhy = "a test"\n[selection]\nrule = "need_first"\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    """Run a command that succeeds; return what it printed."""
    result = CliRunner().invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_list_tells_strategies_packages_and_futures_apart() -> None:
    kinds = {row["strategy"]: row["kind"] for row in json.loads(run("strategies", "list", "--json"))}
    assert (kinds["continued"], kinds["all_together"], kinds["surge"]) == ("strategy", "package", "future")
    assert "future" in run("strategies", "list")


def test_show_diff_and_check_of_a_future_over_a_package() -> None:
    shown = json.loads(run("strategies", "show", "surge+all_together", "--json"))
    arrivals = [(row["since"], row["value"]) for row in shown["settings"] if row["key"] == "arrivals.factor"]
    assert arrivals == [("-", 1), ("2028-01", 2), ("2030-01", 1)]
    assert "combines 'Future: twice the arrivals' (surge) over the others" in run("strategies", "show", "surge+rural")
    text = run("strategies", "diff", "all_together", "all_together+partner_leaves")
    assert "partner.present: A true, B false, from 2028-01 on" in text
    assert "changes this in 'Today's strategy continued'" in run("strategies", "check", "surge").replace("\n", " ")


def test_a_future_that_is_over_when_the_plan_starts_says_what_to_do() -> None:
    result = CliRunner().invoke(cli.build(), ["strategies", "check", "all_together+surge", "--start", "2029-01"])
    assert isinstance(result.exception, StrategyError)
    said = str(result.exception)
    assert "key 'changes.date': found \"2028-01\", accepted a month from the start of the plan, 2029-01, on" in said


def test_a_ramp_is_one_line_and_says_where_it_gets() -> None:
    block = '[[changes]]\ndate = "2028-01"\nwhy = "x"\nramp_months = 12\n[changes.training]\nseats = 80\n'
    Path("mine.toml").write_text(GOOD + block, encoding="utf-8")
    shown = json.loads(run("strategies", "show", "mine.toml", "--json"))
    _, ramp = [row for row in shown["settings"] if row["key"] == "training.seats"]
    assert (ramp["since"], ramp["value"], ramp["ramp_months"]) == ("2028-01", 80, 12)
    assert ramp["words"] == "80 in 2028-12, by steps"
    said = run("strategies", "check", "mine.toml")
    assert "training.seats: 43.33 to 76.67 seats instead of 40, in equal steps from 2028-01 to 2028-11" in said
    assert "training.seats: 80 seats instead of 40, from 2028-12 on" in said
    changes = json.loads(run("strategies", "check", "mine.toml", "--json"))["changes"]
    assert [(round(row["b"], 2), round(row["b_end"], 2)) for row in changes[1:]] == [(43.33, 76.67), (80, 80)]
