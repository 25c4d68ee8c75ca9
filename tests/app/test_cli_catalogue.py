"""What `idmaj strategies` says of packages, futures and ramps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.scenarios.strategies import catalogue
from idmaj.sim.policy import StrategyError, month_of

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


@pytest.mark.parametrize("future", ["surge", "funding_gap", "recession", "pandemic", "partner_leaves"])
@pytest.mark.parametrize("start", ["2026-01", "2028-01", "2036-07"])
def test_futures_begin_as_long_after_whatever_start(future: str, start: str) -> None:
    found = json.loads(run("strategies", "diff", "all_together", f"all_together+{future}", "--start", start, "--json"))
    first = min(month_of(row["from"]) for row in found["differences"])
    assert first - month_of(start) == (26 if future == "pandemic" else 24)


def test_a_month_that_is_over_when_the_plan_starts_says_what_to_do() -> None:
    block = '[[changes]]\ndate = "2028-01"\nwhy = "x"\n[changes.arrivals]\nfactor = 2\n'
    Path("surge.toml").write_text(GOOD.replace("why", "future = true\nwhy") + block, encoding="utf-8")
    result = CliRunner().invoke(cli.build(), ["strategies", "check", "rural+surge.toml", "--start", "2029-01"])
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
    assert "training.seats: 43.3 to 76.7 seats instead of 40, in equal steps from 2028-01 to 2028-11" in said
    assert "training.seats: 80 seats instead of 40, from 2028-12 on" in said
    changes = json.loads(run("strategies", "check", "mine.toml", "--json"))["changes"]
    assert [(round(row["b"], 2), round(row["b_end"], 2)) for row in changes[1:]] == [(43.33, 76.67), (80, 80)]


def test_a_ramp_may_begin_some_months_after_the_start() -> None:
    block = '[[changes]]\ndate = "+24 months"\nwhy = "x"\nramp_months = 12\n[changes.training]\nseats = 80\n'
    Path("mine.toml").write_text(GOOD + block, encoding="utf-8")
    for start, first, arrived in (("2026-01", "2028-01", "2028-12"), ("2028-06", "2030-06", "2031-05")):
        said = run("strategies", "check", "mine.toml", "--start", start)
        assert f"in equal steps from {first} to" in said
        assert f"training.seats: 80 seats instead of 40, from {arrived} on" in said


def test_a_list_that_goes_into_a_pipe_is_plain_text_of_ordinary_width() -> None:
    lines = run("strategies", "list").splitlines()
    named = [line.split()[0] for line in lines if line.startswith(" ")]
    assert sorted(named) == sorted(catalogue())
    assert any(line.split() == ["surge", "Future:", "twice", "the", "arrivals"] for line in lines)
    assert all(line == line.rstrip() and line.isprintable() for line in lines)
    assert max(len(line) for line in lines if line.startswith(" ")) <= 100


def test_check_warns_of_what_acts_on_nothing_and_says_it_as_json() -> None:
    text = '[partner]\njobs_per_year = 24\n[[changes]]\ndate = "2037-01"\nwhy = "x"\n[changes.grants]\namount_mad = 1\n'
    Path("mine.toml").write_text(GOOD + text, encoding="utf-8")
    idle = "mine.toml:7: partner.jobs_per_year = 24 acts on nothing without partner.present = true, from 2026-01 on"
    late = "mine.toml:9: what changes from 2037-01 on comes after the plan's end, 2035-12"
    said = run("strategies", "check", "mine.toml")
    assert f"Warning: {idle}." in said
    assert f"Warning: {late} (a plan lasts 10 years; --years gives it up to 40)." in said
    warnings = json.loads(run("strategies", "check", "mine.toml", "--json"))["warnings"]
    assert warnings[0] == idle and warnings[1].startswith(late)
    assert "mine.toml:9" not in run("strategies", "check", "mine.toml", "--start", "2030-01")


@pytest.mark.parametrize("name", catalogue())
def test_nothing_in_the_catalogue_acts_on_nothing(name: str) -> None:
    assert json.loads(run("strategies", "check", name, "--json"))["warnings"] == []


def test_a_contradiction_is_an_error() -> None:
    text = "[cooperatives]\nleast_members = 20\nmost_members = 10\n"
    Path("mine.toml").write_text(GOOD + text, encoding="utf-8")
    for command in (["strategies", "check", "mine.toml"], ["compare", "continued", "mine.toml"]):
        result = CliRunner().invoke(cli.build(), command)
        assert isinstance(result.exception, StrategyError)
        assert "cooperatives.least_members = 20 above cooperatives.most_members = 10" in str(result.exception)
