"""The commands that look after studies, and those that make them on other terms."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from english_words import english
from typer.testing import CliRunner

from idmaj.app import cli, work
from idmaj.scenarios import experiment
from idmaj.scenarios.language import LANGUAGES, speak, speaking
from idmaj.scenarios.shelf import find_study
from idmaj.scenarios.studies import open_study
from idmaj.sim import default_params

RUNNER = CliRunner()
SMALL = ("continued", "neediest_first", "--years", "1", "--draws", "2", "--start", "2010-01")


def settle(patch: pytest.MonkeyPatch, top: Path) -> None:
    """Work in an empty folder, on parameters that need no fit; studies have a home of their own."""
    patch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(200)[:number])
    patch.setenv("IDMAJ_STUDIES", str(top / "home"))
    (top / "here").mkdir()
    patch.chdir(top / "here")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small study, made once."""
    top = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, top)
        run("compare", *SMALL, "--out", "a")
    return top / "here" / "a"


@pytest.fixture
def _a(made: Path, _here: None) -> None:
    """Have that study here, as "a"."""
    shutil.copytree(made, "a")


def run(*arguments: str) -> str:
    """Run a command that succeeds; return what it printed."""
    result = RUNNER.invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def fails(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """Run a command through the error boundary; return standard error."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    assert end.value.code == code, said
    assert "Traceback" not in said.err
    return said.err


def test_a_study_without_a_folder_is_kept_at_home_and_found_again(tmp_path):
    first = json.loads(run("compare", *SMALL, "--json"))
    assert Path(first["study"]).parent == tmp_path / "home"
    assert list(Path().iterdir()) == []
    listed = json.loads(run("study", "list", "--json"))
    assert [(row["folder"], row["complete"]) for row in listed] == [(str(Path(first["study"]).resolve()), True)]
    assert json.loads(run("compare", *SMALL, "--json")) == first
    assert first["fingerprint"][:12] in run("study", "list")
    shown = json.loads(run("study", "show", first["fingerprint"][:10], "--json"))
    assert (shown["runs_done"], shown["runs"], shown["damaged"]) == (4, 4, [])
    assert "4 of 4 done" in run("study", "show", Path(first["study"]).name)


@pytest.mark.usefixtures("_a")
def test_extend_adds_and_equals_one_run_at_once():
    longer = json.loads(run("study", "extend", "a", "--replications", "+3", "--draws", "3", "--json"))
    at_once = json.loads(
        run("compare", *SMALL[:4], "--draws", "3", "--replications", "5", *SMALL[6:], "--out", "b", "--json")
    )
    assert longer["fingerprint"] == at_once["fingerprint"]
    assert longer["rows"] == at_once["rows"]
    files = {path.relative_to("b") for path in Path("b").rglob("*") if path.is_file()}
    assert all(Path("a", path).read_bytes() == Path("b", path).read_bytes() for path in files)
    assert "--draws 3 --replications 5" in json.loads(Path("a/study.json").read_text("utf-8"))["command"]


def test_verify_prints_the_fingerprint_and_finds_what_was_changed(capsys):
    found = json.loads(run("compare", *SMALL, "--out", "a", "--json"))
    text = run("study", "verify", "a", "--rerun", "1")
    assert found["fingerprint"] in text
    assert "All is as it was written, and comes out again." in text
    Path("a/differences.csv").write_text("outcome\n", encoding="utf-8")
    assert "differences.csv: is not what was written" in fails(capsys, "study", "verify", "a")
    run("study", "resume", "a")
    assert json.loads(run("study", "verify", "a", "--json"))["sound"] is True


def test_shards_are_merged_to_the_study_that_was_run_at_once(capsys):
    run("compare", *SMALL, "--shard", "1/2", "--out", "one")
    assert "shard 2/2: missing" in fails(capsys, "study", "merge", "--out", "whole", "one")
    twice = fails(capsys, "study", "merge", "--out", "whole", "one", "one")
    assert "shard 1/2: found twice, as the same folder one; accepted once" in twice
    result = RUNNER.invoke(cli.build(), ["study", "export", "one", "--out", "half"])
    assert "Mind: not complete, 2 of 4 runs; go on with: idmaj study resume one" in result.stderr
    run("compare", *SMALL, "--shard", "2/2", "--out", "two")
    merged = json.loads(run("study", "merge", "--out", "whole", "two", "one", "--json"))
    at_once = json.loads(run("compare", *SMALL, "--out", "at_once", "--json"))
    assert merged | {"study": ""} == at_once | {"study": ""}
    assert not Path("one/report.html").exists()


@pytest.mark.usefixtures("_a")
def test_export_names_what_it_wrote(capsys):
    text = run("study", "export", "a", "--out", "tables")
    assert {Path(line).name for line in text.split()} == {path.name for path in Path("tables").iterdir()}
    assert "is there already" in fails(capsys, "study", "export", "a", "--out", "tables")


def test_a_dry_run_says_what_it_would_cost_and_keeps_nothing(tmp_path):
    found = json.loads(run("compare", *SMALL, "--dry-run", "--json", "--workers", "2"))
    assert found.keys() == {"runs", "strategies", "chunks", "workers", "seconds", "megabytes"}
    assert (found["runs"], found["strategies"], found["chunks"], found["workers"]) == (4, 2, 2, 2)
    assert found["megabytes"] > 0
    assert "4 runs of 2 strategies" in run("compare", *SMALL, "--dry-run")
    until = ("--until", "live_businesses +- 5", "--at-most", "100")
    searched = json.loads(run("compare", *SMALL, *until, "--dry-run", "--json"))
    assert (searched["runs"], searched["at_most"]["runs"]) == (64, 84)
    assert searched["at_most"]["seconds"] >= searched["seconds"]
    text = run("compare", *SMALL, *until, "--dry-run")
    assert "At least 64 runs of 2 strategies" in text and "; at most 84: " in text
    assert "It stops when half of the 95 % interval is small enough (live_businesses +- 5 projects)." in text
    assert not (tmp_path / "home").exists()
    assert list(Path().iterdir()) == []


def test_runs_are_added_until_it_is_close_enough():
    text = run("run", "continued", *SMALL[2:], "--until", "live_businesses +- 1000", "--out", "a")
    assert "Known closely enough (live_businesses +- 1000 projects): half of the 95 % interval of the mean is" in text
    study = json.loads(Path("a/study.json").read_text("utf-8"))
    assert study["draws"] * study["replications"] >= 30
    text = run("run", "continued", *SMALL[2:], "--until", "live_businesses +- 0.001", "--at-most", "40")
    assert "Not known as closely as was asked" in text
    assert "--at-most 40" in text


@pytest.mark.usefixtures("_a")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("study", "show", ""), ("found nothing", "its name")),
        (("study", "show", "nothing"), ("nothing", "found no such study")),
        (("study", "resume", "."), ("found a folder without a study",)),
        (("study", "list", "nowhere"), ("nowhere", "no such folder")),
        (("study", "verify", "a", "--rerun", "-1"), ("--rerun", "found -1")),
        (("study", "extend", "a"), ("neither --draws nor --replications",)),
        (("study", "extend", "a", "--draws", "-2"), ("--draws", "found -2")),
        (("study", "extend", "a", "--draws", "+1000"), ("--draws", "found 1002", "1000")),
        (("study", "extend", "a", "--replications", "1"), ("--replications", "at least the 2")),
        (("study", "extend", "a", "--replications", "many"), ("found 'many'", "a whole number")),
        (("study", "merge", "--out", "b", "a"), ("found a whole study",)),
        (("study", "export", "a", "--out", "b", "--format", "xls"), ("--format", "csv or parquet")),
        (("compare", *SMALL, "--shard", "3/2", "--out", "b"), ("--shard", "found '3/2'", "3/8")),
        (("compare", *SMALL, "--shard", "1/2"), ("--shard", "--out DIR")),
        (("compare", *SMALL, "--until", "hope +- 1"), ("--until", "no outcome")),
        (("compare", *SMALL, "--cluster", "tcp://127.0.0.1:9", "--workers", "2"), ("--cluster", "--workers")),
        (("compare", *SMALL, "--cluster", "nowhere.json"), ("--cluster", "no such file")),
    ],
)
def test_a_slip_is_explained(capsys, arguments, words):
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and path.name != ".lock"}
    said = fails(capsys, *arguments)
    assert all(word in said for word in words), said
    assert before == {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and path.name != ".lock"}


@pytest.mark.usefixtures("_a")
@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_what_is_said_of_studies_is_in_the_readers_language(code, capsys):
    run("compare", *SMALL, "--shard", "1/2", "--out", "part")

    def say(*words: str) -> str:
        result = RUNNER.invoke(cli.build(), ["--lang", code, *words])
        speak("en")
        assert result.exit_code == 0, result.output
        return result.output

    said = [say("study", *words) for words in (
        ("list",), ("show", "a"), ("show", "part"), ("verify", "a", "--rerun", "1"), ("verify", "part"),
        ("export", "part", "--out", "tables"), ("resume", "part"),
    )]  # fmt: skip
    until = ("--until", "live_businesses +- 1000", "--at-most", "40", "--workers", "1")
    said += [say("run", "continued", *SMALL[2:], *until) for _ in range(2)]
    Path("a/differences.csv").write_text("outcome\n", encoding="utf-8")
    said.append(fails(capsys, "--lang", code, "study", "verify", "a"))
    speak("en")
    text = " ".join(" ".join(said).split())
    assert [part for part in english() if part in text] == []
    labels = {line.split()[0] for line in say("study", "show", "a").splitlines() if line}
    assert labels & {"study", "strategies", "runs", "state", "size", "fingerprint", "command"} == set()


@pytest.mark.usefixtures("_a")
@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_said_when_stopped_is_in_the_readers_language(code, capsys):
    study = open_study(find_study("a"))
    with speaking(code):
        assert "a" in work.going_on(study)
        for place in (work.stoppable(study), work.not_begun()):
            with pytest.raises(KeyboardInterrupt), place:
                raise KeyboardInterrupt
        with pytest.raises(SystemExit):
            cli._stopped()
    text = capsys.readouterr().err
    assert "idmaj study resume a" in text
    assert ([part for part in english() if part in text] == []) == (code != "en")


@pytest.mark.slow
def test_an_interrupted_command_says_how_to_go_on_and_does():
    """A real process, a real Ctrl-C; on the fit that comes with idmaj."""
    idmaj = [sys.executable, "-m", "idmaj.app.cli"]
    command = [*idmaj, "compare", *SMALL[:2], "--years", "4", "--draws", "16", "--workers", "1", "--out", "a"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    manifest, end = Path("a/manifest.jsonl"), time.monotonic() + 300
    while not (manifest.exists() and manifest.stat().st_size) and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == cli.INTERRUPTED, said
    assert "of 32 runs are kept; go on with: idmaj study resume a" in said
    assert json.loads(Path("a/study.json").read_text("utf-8"))["complete"] is False
    resume = [*idmaj, "study", "resume", "a", "--json"]
    resumed = subprocess.run(resume, capture_output=True, text=True, check=True)
    at_once = subprocess.run([*command[:-1], "b", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(resumed.stdout) | {"study": ""} == json.loads(at_once.stdout) | {"study": ""}
