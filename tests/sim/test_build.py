"""The model is compiled once, by this process and its helpers, and is the same whoever compiled it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from idmaj.sim import build

LIVE = """
import hashlib, json, sys
from pathlib import Path
from idmaj.calibration.replays import history_policy
from idmaj.sim import Luck, build, default_params, month, simulate

taken_over, helper = build.Workshop.taken_over, build.helper
drafts, helpers = [], []
def watched(workshop, name):
    drafts.append(taken_over(workshop, name))
    return drafts[-1]
def watched_helper(folder):
    helpers.append(helper(folder))
    print(json.dumps([helpers[-1].pid, str(folder)]), flush=True)
    return helpers[-1]
build.Workshop.taken_over, build.helper = watched, watched_helper
build.cores = lambda: 2
"""
SAY = """
history = simulate(default_params()[0], history_policy(60), Luck(), 60)
lived = b"".join(getattr(history.state, name).tobytes() for name in ("monthly", "stocks", "money"))
compiled = [len(each.signatures) for each in (month.live_months, month.begin, month.count_arrivals)]
print(json.dumps([hashlib.sha256(lived).hexdigest(), len(drafts), sum(map(bool, drafts)), compiled]))
"""
FAILING = """
claims = "import sys, pathlib; (pathlib.Path(sys.argv[1]) / 'daily.live.claimed').touch(); sys.exit(1)"
helper = lambda folder: build.subprocess.Popen([sys.executable, "-c", claims, str(folder)], stdin=build.subprocess.PIPE)
"""


def fresh(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is compiled yet, and rules have no doors: as a user's."""
    return {name: value for name, value in os.environ.items() if name != "IDMAJ_DOORS"} | {
        "IDMAJ_CACHE_DIR": str(folder / "cache")
    }


def lived(folder: Path, code: str) -> tuple[list[str], str, int, int, list[int]]:
    """Run a piece of code in a fresh process; return what it said of its helpers and of the run."""
    done = subprocess.run([sys.executable, "-c", code], env=fresh(folder), capture_output=True, text=True, check=True)
    *helpers, run = (json.loads(line) for line in done.stdout.splitlines())
    assert done.stderr == "", "the notice is for terminals"
    return (helpers, *run)


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], str, int, int, list[int]]:
    """Compile in process: the one helper there is claims a phase and fails."""
    return lived(tmp_path_factory.mktemp("failing"), LIVE + FAILING + SAY)


def test_a_failing_helper_is_survived(by_hand: tuple[list[str], str, int, int, list[int]]) -> None:
    helpers, _, phases, taken, compiled = by_hand
    assert len(helpers) == 1
    assert phases > 30
    assert taken == 0
    assert compiled == [1, 1, 1]


def test_with_helpers_it_is_the_same(by_hand: tuple[list[str], str, int, int, list[int]], tmp_path: Path) -> None:
    """A second run finds everything on disk: it opens no workshop."""
    helpers, result, phases, taken, compiled = lived(tmp_path, LIVE + SAY)
    assert result == by_hand[1]
    assert 0 < taken < phases == by_hand[2]
    assert compiled == [1, 1, 1], "the types of the calls are not those it was compiled for"
    assert not Path(helpers[0][1]).exists()
    assert lived(tmp_path, LIVE + SAY) == ([], result, 0, 0, [1, 1, 1])


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_interrupt_stops_the_helpers_too(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LIVE + SAY],
        env=fresh(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    helper, folder = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=60)[1]
    assert "KeyboardInterrupt" in errors
    assert not Path(folder).exists()
    # One that was only just started ends by itself when its standard input does.
    end = time.monotonic() + 60
    while lives(helper) and time.monotonic() < end:
        time.sleep(0.05)
    assert not lives(helper)
    assert not list((tmp_path / "cache").rglob("*.tmp.*"))


def test_a_helper_that_hangs_is_ended_and_its_phase_drafted_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "PATIENCE", 0.1)
    workshop = build.Workshop({})
    workshop.folder = tmp_path
    hanging = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    workshop.helpers.append(hanging)
    assert build.claim(tmp_path, "daily.live")
    assert workshop.taken_over("daily.live") is None
    assert hanging.returncode is not None
    workshop.end_helpers()  # as at the end of every workshop
    assert workshop.taken_over("another") is None and not build.claim(tmp_path, "another")


def test_a_workshop_leaves_the_caches_of_phases_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "cores", lambda: 1)
    phases = [build.phase(name) for name, _ in build.calls_of_a_month()]
    before = [each._cache for each in phases]
    workshop = build.Workshop({})
    with workshop:
        workshop.on_start(None)
        assert all(isinstance(each._cache, build.Handover) for each in phases)
    assert all(each._cache is cache for each, cache in zip(phases, before, strict=True))
