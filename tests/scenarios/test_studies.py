"""Studies on disk: nothing is lost, nothing is run twice, and the same plan is the same bytes however it was run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_studies import content, done, given_medians, small

from idmaj.scenarios import at_home, experiment, studies
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.shelf import MADE, find_study, home, place_at_home, studies_in
from idmaj.scenarios.strategies import load
from idmaj.scenarios.studies import create, open_study
from idmaj.scenarios.study_text import plan_of_text, plan_to_text
from idmaj.sim import UserError, default_params
from idmaj.sim.ensemble import Chunk, cluster, processes, threads
from idmaj.sim.store import Store


@pytest.fixture(autouse=True, scope="module")
def _medians():
    with given_medians():
        yield


def watched(monkeypatch) -> list[Chunk]:
    """Return a list that fills with the chunks that are run from now on."""
    ran, real = [], studies.run_chunks

    def run_chunks(work, chunks, *more):
        ran.extend(chunks)
        return real(work, chunks, *more)

    monkeypatch.setattr(studies, "run_chunks", run_chunks)
    return ran


@pytest.fixture(scope="module")
def whole(tmp_path_factory, _medians) -> Path:
    """Return the folder of a finished study; nobody changes it."""
    return done(tmp_path_factory.mktemp("whole") / "study").folder


# The plan as text


def test_a_plan_comes_back_from_text():
    for plan in (small(), small(strategies=(load("all_together+pandemic"),), budget="additional", traces=True)):
        text = json.dumps(plan_to_text(plan), allow_nan=False)
        assert plan_of_text(json.loads(text)) == plan


def test_settings_without_limit_come_back():
    plan = small(strategies=(load("historical"),))
    again = plan_of_text(json.loads(json.dumps(plan_to_text(plan), allow_nan=False)))
    before, after = (experiment.prepare(each).policies["historical"].settings for each in (plan, again))
    assert before.tobytes() == after.tobytes()
    assert np.isinf(before["funding_budget_mad_per_year"]).any()


# Run anywhere


def test_one_thread_two_and_processes_give_the_same_bytes(whole, tmp_path):
    for name, crew in (("one", threads(1)), ("two", threads(2)), ("processes", processes(2))):
        assert content(done(tmp_path / name, crew=crew).folder) == content(whole)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_one_worker_of_which_is_killed_gives_the_same_bytes(whole, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as dask:
        workers = [worker.pid for worker in dask.workers.values()]
        study = create(tmp_path / "study", small(), "the command")
        killed = []

        def kill_one(runs: int, total: int) -> None:
            if runs and not killed:
                killed.append(workers[0])
                os.kill(workers[0], 9)

        assert study.run(cluster(dask.scheduler_address), kill_one) == []
        assert killed
        study.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    assert content(study.folder) == content(whole)


# Nothing lost


@pytest.mark.slow
def test_a_study_that_is_killed_forty_times_is_that_which_was_not(tmp_path):
    ground = Path(__file__).parents[1] / "killing_ground.py"
    found = subprocess.run(
        [sys.executable, str(ground), str(tmp_path / "killed"), "7"], capture_output=True, text=True, check=True
    )
    ends = json.loads(found.stdout)
    assert ends.pop("exit 0") == 1
    assert sum(ends.values()) >= 30, ends
    assert {"outside", "before a rename", "between rename and manifest", "half a line", "while settling"} == set(ends)
    sys.path.insert(0, str(ground.parent))
    import killing_ground

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(number))
        study = create(tmp_path / "whole", killing_ground.plan(), "again")
        study.run()
    study.finish({"report.html": "the report"})
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


def test_an_interrupted_study_goes_on_where_it_stopped(whole, tmp_path, monkeypatch):
    study = create(tmp_path / "study", small(), "the command")

    def interrupt(runs: int, total: int) -> None:
        if runs:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(threads(1), interrupt)
    again = create(tmp_path / "study", small(), "the command")
    assert not again.complete
    kept = {entry.chunk for entry in again.store.entries.values()}
    assert kept
    ran = watched(monkeypatch)
    again.run()
    again.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    assert kept.isdisjoint(ran)
    assert content(tmp_path / "study") == content(whole)


@pytest.mark.parametrize("what", ["flip", "tear", "remove", "foreign", "manifest", "unlisted"])
def test_a_damaged_study_is_mended_and_never_read_as_truth(whole, tmp_path, what):
    study = done(tmp_path / "study")
    entry = study.store.in_order()[1]
    path = study.store.path(entry.address, "ends")
    good = path.read_bytes()
    if what == "flip":
        path.write_bytes(good[:99] + bytes([good[99] ^ 4]) + good[100:])
    elif what == "tear":
        path.write_bytes(good[: len(good) // 2])
    elif what == "remove":
        path.unlink()
    elif what == "foreign":
        other = done(tmp_path / "other", small(seed=4)).store.in_order()[1]
        foreign = other.line().encode()
        study.store.manifest.write_bytes(study.store.manifest.read_bytes().replace(entry.line().encode(), foreign))
    elif what == "manifest":
        lines = study.store.manifest.read_bytes()
        study.store.manifest.write_bytes(b"\xff\xfe nonsense\n" + lines[40:])
    else:
        study.store.manifest.write_bytes(study.store.manifest.read_bytes().replace(entry.line().encode(), b""))
    mended = open_study(tmp_path / "study")
    assert mended.run() == []
    mended.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    assert content(tmp_path / "study") == content(whole)


# Extending


@pytest.mark.parametrize(("draws", "replications"), [(2, 9), (3, 6), (4, 13)])
def test_an_extended_study_is_one_that_was_run_at_once(tmp_path, monkeypatch, draws, replications):
    study = done(tmp_path / "extended")
    kept = {entry.chunk for entry in study.store.entries.values()}
    study.extend(draws, replications, "the command")
    ran = watched(monkeypatch)
    study.run()
    study.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    assert not any(chunk.meets(other) for chunk in ran for other in kept)
    at_once = done(tmp_path / "at_once", small(draws=draws, replications=replications))
    assert content(study.folder) == content(at_once.folder)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_extension_that_is_cut_short_counts_no_run_twice(tmp_path, monkeypatch, moment):
    study, real = done(tmp_path / "study"), Store.settle
    study.extend(2, 9, "the command")

    def settle(store, wanted):
        if moment == "after":
            real(store, wanted)
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "settle", settle)
    with pytest.raises(KeyboardInterrupt):
        study.run()
    monkeypatch.setattr(Store, "settle", real)
    again = open_study(study.folder)
    assert again.done() == len(again.results().runs) == again.plan.runs == 18
    assert again.run() == []
    at_once = done(tmp_path / "at_once", small(replications=9))
    assert content(again.folder / "chunks") == content(at_once.folder / "chunks")


def test_the_name_of_a_folder_makes_no_column(tmp_path):
    plain, odd = done(tmp_path / "plain"), done(tmp_path / "seed=9" / "draw=7" / "strategy=x")
    assert content(plain.folder) == content(odd.folder)
    assert odd.results().ends(["live_businesses"])["draw"].unique().tolist() == [0, 1]


def test_a_study_on_which_another_process_works_is_left_alone(tmp_path):
    study = create(tmp_path / "study", small(), "the command")
    twin = open_study(study.folder)
    with study.store.locked():
        assert not twin.remove_if_empty()
        with pytest.raises(UserError, match="another process"):
            create(tmp_path / "study", small(seed=8), "the command", force=True)
    assert study.run() == []
    assert not twin.remove_if_empty()
    assert open_study(study.folder).done() == 12


def test_a_study_cannot_shrink(tmp_path):
    study = create(tmp_path / "study", small(), "the command")
    with pytest.raises(UserError, match="at least the 2 draws and 6 replications"):
        study.extend(2, 5, "the command")


# Replacing


def test_a_finished_study_is_refused_without_force_and_not_run_again_with_it(tmp_path, monkeypatch):
    study = done(tmp_path / "study")
    before = content(study.folder)
    with pytest.raises(UserError, match="--force"):
        create(tmp_path / "study", small(), "the command")
    monkeypatch.setattr(studies, "run_chunks", lambda *_: pytest.fail("ran again"))
    assert content(done(tmp_path / "study", force=True).folder) == before


def test_another_study_stays_until_the_one_that_replaces_it_is_complete(tmp_path):
    before = content(done(tmp_path / "study").folder)
    new = create(tmp_path / "study", small(seed=8), "the command", force=True)
    assert not new.complete
    assert new.remove_if_empty()
    assert content(tmp_path / "study") == before
    done(tmp_path / "study", small(seed=8), force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"study"}
    assert json.loads((tmp_path / "study" / "study.json").read_text())["seed"] == 8


def test_force_never_removes_what_is_not_a_study(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(UserError, match=r"thesis\.docx"):
        create(tmp_path, small(), "the command", force=True)
    assert (tmp_path / "thesis.docx").exists()


def test_places_that_cannot_be_written_are_refused_before_anything_runs(tmp_path):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="found a file"):
        create(file, small(), "the command", force=True)
    with pytest.raises(UserError, match="cannot be written"):
        create(file / "below", small(), "the command")


# Other versions


def test_runs_of_two_models_are_never_mixed(tmp_path, monkeypatch):
    study = create(tmp_path / "study", small(), "the command")
    study.about["inputs"]["model"] = "f" * 64
    for anyway in (False, True):
        with pytest.raises(UserError, match="begun with another model .sha256 ffffffffffff"):
            study.run(anyway=anyway)


def test_other_libraries_are_refused_unless_anyway(whole, tmp_path):
    study = create(tmp_path / "study", small(), "the command")
    study.about["versions"]["numpy"] = "1.0"
    with pytest.raises(UserError, match=r"begun with numpy 1\.0 .*--anyway"):
        study.run()
    study.run(anyway=True)
    assert study.about["also_run_with"] == [json.loads((whole / "study.json").read_text())["versions"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [("{}", "format None"), ("[]", "format None"), ("{", "cannot be read"), ('{"format": 1}', "was changed")],
)
def test_what_is_no_study_is_an_error(tmp_path, text, words):
    (tmp_path / "study.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=words):
        open_study(tmp_path)
    with pytest.raises(UserError, match="found no study there"):
        open_study(tmp_path / "nothing")


# What could not be done


def test_a_run_that_fails_is_named_and_the_rest_is_there(tmp_path, monkeypatch):
    from idmaj.scenarios import runs

    real = runs.Lives._ends

    def ends(self, history, name, draw, replication):
        if (draw, replication) == (1, 2):
            raise FloatingPointError("no number")
        return real(self, history, name, draw, replication)

    monkeypatch.setattr(runs.Lives, "_ends", ends)
    study = create(tmp_path / "study", small(), "the command")
    failures = study.run()
    assert [failure.chunk for failure in failures] == [Chunk(1, 0, 4)]
    study.finish({})
    about = json.loads((tmp_path / "study" / "study.json").read_text())
    assert about["complete"] is False
    assert about["failed"][0]["seed"] == 3
    assert about["failed"][0]["strategies"] == small().keys
    assert about["failed"][0]["error"] == "FloatingPointError: no number"
    assert len(study.results().runs) == 8
    monkeypatch.setattr(runs.Lives, "_ends", real)
    assert open_study(tmp_path / "study").run() == []


# One past, many futures


def test_a_shared_past_is_as_good_as_one_lived_for_each_strategy():
    both = run_experiment(small())
    for key, strategy in zip(both.plan.keys, both.plan.strategies, strict=True):
        alone = run_experiment(small(strategies=(strategy,))).ends()
        together = both.ends()
        assert alone["value"].equals(together[together.strategy == key]["value"].reset_index(drop=True))


# Where studies stand


def test_studies_at_home_are_found_by_name_and_fingerprint(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    plan = small()
    folder = place_at_home(plan.keys, at_home.fingerprint_of(plan))
    assert folder.parent == home()
    study = create(folder, plan, "the command")
    assert at_home.reopen(folder, study.about["fingerprint"]) is not None
    assert at_home.reopen(folder, "0" * 64) is None
    assert find_study(folder.name) == find_study(study.about["fingerprint"][:8]) == find_study(str(folder)) == folder
    assert studies_in(home()) == [folder]
    with pytest.raises(UserError, match="did you mean " + re.escape(folder.name)):
        find_study(folder.name[:-3])
    study.extend(2, 7, "the command")
    study.run()
    study.settle_at_home()
    assert study.folder == place_at_home(plan.keys, study.about["fingerprint"]) != folder
    assert open_study(study.folder).done() == 14


def test_a_study_says_what_it_was_made_with(whole):
    about = json.loads((whole / "study.json").read_text())
    promised = ("fingerprint", "command", "versions", "strategies", "draws", "replications", "seed", "complete")
    assert all(name in about for name in promised)
    assert {"code", "country", "python", "numba", "duckdb", "idmaj"} <= about["versions"].keys()
    assert {"model", "parameters", "evidence", "past", "settings of continued"} <= about["inputs"].keys()
    assert about["complete"] is True
    assert set(about["files"]) == {"report.html", "parameters.csv"}
    assert (whole / "parameters.csv").read_text().count("\n") == 3
    assert set(MADE) & set(about["files"])


def test_results_take_no_more_room_with_more_runs(whole, monkeypatch):
    from idmaj.scenarios import results

    plan = small()
    everything = results.Experiment(plan, Store(whole), "f", {})
    tables = (everything.ends(), everything.monthly, everything.groups, everything.published)
    monkeypatch.setattr(results, "ROOM", 60)
    held = []
    real = results.Experiment._columns

    def columns(self, *given):
        found = real(self, *given)
        held.append(sum(array.size for array in found.values()))
        return found

    monkeypatch.setattr(results.Experiment, "_columns", columns)
    bit_by_bit = results.Experiment(plan, Store(whole), "f", {})
    again = (bit_by_bit.ends(), bit_by_bit.monthly, bit_by_bit.groups, bit_by_bit.published)
    assert all(one.equals(other) for one, other in zip(tables, again, strict=True))
    assert max(held) <= 60
    assert len(held) > 100
