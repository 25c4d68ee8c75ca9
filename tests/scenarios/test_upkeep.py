"""Checking, joining and handing on studies, and running until an answer is close enough."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small_studies
from small_studies import given_medians

from idmaj.scenarios.at_home import begin_at_home
from idmaj.scenarios.experiment import Plan
from idmaj.scenarios.export import export
from idmaj.scenarios.precision import FIRST, half_width, run_until, target_of
from idmaj.scenarios.shelf import place_at_home, shard_of
from idmaj.scenarios.strategies import load
from idmaj.scenarios.studies import create, open_study
from idmaj.scenarios.study_text import sealed
from idmaj.scenarios.upkeep import merge, verify
from idmaj.sim import NUMBERS, OUTCOMES, UserError
from idmaj.sim.ensemble import threads
from idmaj.sim.history import DEFINITIONS
from idmaj.sim.outcomes import KEPT, MONTHLY


@pytest.fixture(autouse=True, scope="module")
def _draws():
    with given_medians():
        yield


def small(**changes) -> Plan:
    """Return a plan of one year from 2010 on, two draws of nine replications: six chunks."""
    strategies = (load("continued"), load("neediest_first"))
    return small_studies.small(**{"strategies": strategies, "start": 36, "replications": 9} | changes)


def done(folder: Path, plan: Plan | None = None, **more):
    return small_studies.done(folder, plan or small(), **more)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, _draws) -> Path:
    return done(tmp_path_factory.mktemp("kept") / "study").folder


@pytest.fixture
def study(kept, tmp_path):
    """Return a copy of a finished study, to be spoilt."""
    shutil.copytree(kept, tmp_path / "study")
    return open_study(tmp_path / "study")


# Verifying


def test_a_sound_study_is_found_sound_and_comes_out_again(study):
    found = verify(study, rerun=3)
    assert found.problems == ()
    assert found.notes == ()
    assert (found.files, found.again) == (6 * 5 + 2, 3)


def flip(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:70] + bytes([whole[70] ^ 1]) + whole[71:])


def test_whatever_was_changed_is_found(study):
    first = study.store.in_order()[0]
    flip(study.store.path(first.address, "monthly"))
    (study.folder / "report.html").write_text("better results", encoding="utf-8")
    problems = " ".join(verify(open_study(study.folder)).problems)
    assert "monthly.parquet: its content is not what was written" in problems
    assert "report.html: is not what was written" in problems


def test_a_missing_chunk_is_found(study):
    lines = study.store.manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    study.store.manifest.write_text("".join(lines[1:]), encoding="utf-8")
    assert "4 runs of 18 are missing" in " ".join(verify(open_study(study.folder)).problems)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fingerprint": "0" * 64}, "the fingerprint in study.json is not that of its plan"),
        ({"results_sha256": "0" * 64}, "the results are not those whose sha256"),
    ],
)
def test_what_study_json_says_is_checked(study, change, words):
    text = json.loads((study.folder / "study.json").read_text(encoding="utf-8")) | change
    (study.folder / "study.json").write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(UserError, match=r"study\.json: was changed after it was written"):
        open_study(study.folder)
    (study.folder / "study.json").write_text(sealed(text), encoding="utf-8")
    assert words in verify(open_study(study.folder)).problems[0]


def test_a_tampered_chunk_that_is_listed_anew_is_found_and_run_again(study, kept):
    entry, store = study.store.in_order()[0], study.store
    rows = store.query(f"SELECT * FROM read_parquet('{store.path(entry.address, 'ends')}')").df()
    changed = {"ends": rows.assign(live_businesses=rows["live_businesses"] + 1)}
    forged = store.write(entry.address, entry.chunk, changed)
    store.settle([replace(entry, files=entry.files | forged.files), *store.in_order()[1:]])
    assert any("manifest.jsonl: is not what was written" in each for each in verify(open_study(study.folder)).problems)
    again = open_study(study.folder)
    assert again.run() == []
    again.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    assert small_studies.content(again.folder) == small_studies.content(kept)


def test_a_chunk_of_other_numbers_does_not_come_out_again(study):
    entry = study.store.in_order()[0]
    rows = study.store.query(f"SELECT * FROM read_parquet('{study.store.path(entry.address, 'ends')}')").df()
    tables = {
        name: study.store.query(f"SELECT * FROM read_parquet('{study.store.path(entry.address, name)}')").df()
        for name in entry.files
    } | {"ends": rows.assign(live_businesses=rows["live_businesses"] + 1)}
    for other in study.store.in_order()[1:]:
        study.store.entries.pop(other.address)
    study.store.keep(entry.address, entry.chunk, tables)
    assert any("run again, it gives something else" in problem for problem in verify(study, rerun=1).problems)


def test_a_study_of_another_model_is_checked_as_far_as_it_can_be(study):
    study.about["inputs"]["model"] = "f" * 64
    found = verify(study)
    assert "Made with another model" in found.notes[0]
    assert found.problems == ()


# At home


def test_no_study_at_home_is_ever_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    study = begin_at_home(small(), "the command")
    assert study.run() == []
    study.extend(2, 10, "the command")
    again = begin_at_home(small(), "the command")
    assert again.folder.name == f"{study.folder.name}-2"
    assert begin_at_home(small(replications=10), "the command").folder == study.folder
    monkeypatch.chdir(tmp_path)
    relative = open_study(study.folder.relative_to(tmp_path))
    relative.settle_at_home()
    assert relative.folder == place_at_home(study.plan.keys, study.about["fingerprint"])
    assert open_study(relative.folder).done() == 18


# Shards


@pytest.fixture(scope="module")
def shards(tmp_path_factory, _draws) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    return [done(folder / str(number), shard=f"{number}/3").folder for number in (1, 2, 3)]


def test_merged_shards_are_the_study_that_was_run_at_once(shards, kept, tmp_path):
    assert sum(open_study(shard).done() for shard in shards) == small().runs
    whole = merge([shards[2], shards[0], shards[1]], tmp_path / "whole")
    whole.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    for path in kept.rglob("*"):
        if path.is_file() and path.name != ".lock":
            assert (tmp_path / "whole" / path.relative_to(kept)).read_bytes() == path.read_bytes()
    assert whole.complete


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ([0, 1], "shard 3/3: missing"),
        ([0, 1, 1], "shard 2/3: found twice"),
        ([0], "shard 2/3, 3/3: missing"),
    ],
)
def test_a_shard_missing_or_given_twice_is_named(shards, tmp_path, which, words):
    with pytest.raises(UserError, match=words):
        merge([shards[number] for number in which], tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_shards_of_other_studies_are_refused(shards, kept, tmp_path):
    other = done(tmp_path / "other", small(seed=9), shard="3/3").folder
    with pytest.raises(UserError, match="is of another study"):
        merge([*shards[:2], other], tmp_path / "whole")
    with pytest.raises(UserError, match="found a whole study"):
        merge([*shards[:2], kept], tmp_path / "whole")
    halves = done(tmp_path / "half", shard="2/2").folder
    with pytest.raises(UserError, match="found shard 2/2, beside shards of 1/3"):
        merge([*shards[:2], halves], tmp_path / "whole")


def test_a_shard_is_never_replaced_by_the_whole(shards, tmp_path):
    copies = [shutil.copytree(shard, tmp_path / shard.name) for shard in shards]
    with pytest.raises(UserError, match="is one of the shards"):
        merge(copies, copies[0], force=True)
    assert merge(copies, tmp_path / "whole").done() == 18


def test_an_unfinished_or_damaged_shard_is_refused(shards, tmp_path):
    copies = [Path(shutil.copytree(shard, tmp_path / shard.name)) for shard in shards]
    store = open_study(copies[1]).store
    flip(store.path(store.in_order()[0].address, "ends"))
    with pytest.raises(UserError, match="not what was written"):
        merge(copies, tmp_path / "whole")
    store.manifest.write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="2 of its chunks are not done"):
        merge(copies, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/5", ""])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(UserError, match="--shard: found"):
        shard_of(text)


# Handing on


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_exported_tables_hold_every_run_and_are_all_explained(study, tmp_path, form):
    written = {path.stem: path for path in export(study, tmp_path / "out", form)}
    assert set(written) == {"ends", "monthly", "groups", "spells", "published", "parameters", "dictionary"}

    def read(name: str) -> pd.DataFrame:
        if form == "csv":
            return pd.read_csv(written[name])
        return study.store.query(f"SELECT * FROM read_parquet('{written[name]}')").df()

    ends = read("ends")
    here = study.results().ends().sort_values(["outcome", "strategy", "draw", "replication"], ignore_index=True)
    there = ends[~ends.outcome.str.startswith("evaluation")]
    there = there.sort_values(["outcome", "strategy", "draw", "replication"], ignore_index=True)
    assert np.allclose(there["value"].astype(float), here["value"], equal_nan=True)
    assert len(ends) == (len(OUTCOMES) + len(DEFINITIONS)) * 2 * 18
    assert len(read("monthly")) == 18 * (36 + 2 * 12)
    assert list(read("parameters").columns) == ["draw", *NUMBERS]
    dictionary = pd.read_csv(written["dictionary"]).fillna("")
    assert (dictionary["meaning"] != "").all()
    is_outcome = dictionary.kind == "outcome"
    for name in set(written) - {"dictionary"}:
        explained = dictionary[(dictionary.table == name) & ~is_outcome]["name"]
        assert sorted(read(name).columns) == sorted(explained), name
    assert sorted(ends["outcome"].unique()) == sorted(dictionary[is_outcome]["name"])


def test_a_strategy_that_is_called_like_a_formula_is_none(tmp_path):
    strategy = replace(load("continued"), key="=1+1")
    study = done(tmp_path / "study", small(strategies=(strategy,), draws=1, replications=1))
    export(study, tmp_path / "out", "csv")
    assert set(pd.read_csv(tmp_path / "out" / "ends.csv")["strategy"]) == {"'=1+1"}


def test_a_disk_that_is_full_leaves_nothing_of_an_export(study, tmp_path, monkeypatch):
    import duckdb

    real = study.store.query

    def full(sql):
        if sql.startswith("COPY"):
            raise duckdb.IOException("No space left on device")
        return real(sql)

    monkeypatch.setattr(study.store, "query", full)
    with pytest.raises(UserError, match=r"out: cannot be written \(No space left"):
        export(study, tmp_path / "out", "csv")
    assert {path.name for path in tmp_path.iterdir()} == {"study"}


def test_nothing_is_exported_over_something_or_of_a_damaged_study(study, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="is there already"):
        export(study, tmp_path / "out", "csv")
    with pytest.raises(UserError, match="found 'xls', accepted csv or parquet"):
        export(study, tmp_path / "new", "xls")
    flip(study.store.path(study.store.in_order()[0].address, "groups"))
    with pytest.raises(UserError, match="not what was written"):
        export(study, tmp_path / "new", "csv")
    assert not (tmp_path / "new").exists()


def test_traces_keep_every_month_of_every_outcome(tmp_path):
    short = small(draws=1, replications=1)
    few = done(tmp_path / "few", short).results().monthly
    full = done(tmp_path / "full", replace(short, traces=True)).results().monthly
    assert set(few["outcome"]) == set(KEPT) < set(full["outcome"]) == set(MONTHLY)
    both = full[full.outcome.isin(KEPT)]
    order = ["measure", "strategy", "month", "outcome"]
    pd.testing.assert_frame_equal(few.sort_values(order, ignore_index=True), both.sort_values(order, ignore_index=True))


# Until it is known closely enough


@pytest.mark.parametrize("text", ["live_businesses +- 5", "live_businesses+-5 projects", " live_businesses ± 5.0"])
def test_a_target_is_an_outcome_and_a_half_width(text):
    target = target_of(text)
    assert (target.outcome, target.half_width) == ("live_businesses", 5.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("live_businesses", "as in 'live_businesses"),
        ("live_businesses +- 0", "as in"),
        ("live_busineses +- 5", "did you mean live_businesses"),
        ("survival_3y +- 5 percent", "accepted 'share'"),
        ("live_businesses +- -5", "as in"),
    ],
)
def test_what_is_no_target_is_refused(text, words):
    with pytest.raises(UserError, match=words):
        target_of(text)


def until(folder: Path, text: str, workers: int = 2, most: int = 80):
    study = create(folder, small(years=1, draws=2, replications=2), "idmaj compare --draws 2 --replications 2")

    def recount(command: str, plan: Plan) -> str:
        return f"{plan.draws} x {plan.replications}"

    found = run_until(study, target_of(text), most, 12, recount, lambda: study.run(threads(workers)))
    return found, study


def test_runs_are_added_until_it_is_known_and_no_fewer_than_thirty(tmp_path):
    found, study = until(tmp_path / "easy", "live_businesses +- 1000")
    assert found.enough
    assert (found.runs, study.plan.draws, study.plan.replications) == (36, 12, 3)
    assert found.runs >= FIRST
    assert study.about["command"] == "12 x 3"
    assert half_width(study.results(), "live_businesses") == found.half_width


def test_what_cannot_be_known_so_closely_stops_at_the_most_and_says_so(tmp_path):
    found, study = until(tmp_path / "hard", "live_businesses +- 0.001")
    assert not found.enough
    assert found.runs == study.plan.runs == 72
    assert found.half_width > 0.001


def test_where_it_stops_does_not_depend_on_the_workers(tmp_path):
    one, alone = until(tmp_path / "one", "live_businesses +- 2.5", 1)
    two, together = until(tmp_path / "two", "live_businesses +- 2.5", 2)
    assert one == two
    assert alone.about["fingerprint"] == together.about["fingerprint"]
