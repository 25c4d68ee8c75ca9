"""The page in a real browser: served by its command, and waited for."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="needs Debian's chromium"),
]
LONG = 90_000
"""Milliseconds in which anything must have come: a machine may be busy."""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FOREIGN = re.compile(r"^(?!http://127\.0\.0\.1:\d+/|data:|blob:)")


class Served:
    """The page, served by the command, over studies in a folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        words = [sys.executable, "-m", "idmaj.app.cli", "app", "--port", "0", "--no-browser"]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"IDMAJ_STUDIES": str(home), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        said = self.process.stdout.readline()
        self.address = re.search(r"http://\S+/", said)[0]

    def end(self) -> str:
        """Stop it as Ctrl-C does, and return what it said."""
        self.process.send_signal(signal.SIGINT)
        said, _none = self.process.communicate(timeout=60)
        return said


@contextlib.contextmanager
def served(home: Path):
    page = Served(home)
    try:
        yield page
    finally:
        said = page.end()
    assert "Traceback" not in said and "Error" not in said, said


def until(page, condition: str):
    """Wait until a condition holds; it is evaluated from outside, for the page's policy lets nobody do so within."""
    for _step in range(LONG // 50):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came: {condition}")


def settle(page):
    """Wait until nothing is computed any more."""
    until(page, "!document.querySelector('.recalculating') && !document.querySelector('html.shiny-busy')")


def choose_small(page):
    """Ask for a study that is quick: a year from 2008, two draws."""
    page.fill("#start", "2008-01")
    for name, value in (("years", "1"), ("draws", "6"), ("replications", "1")):
        page.fill(f"#{name}", value)
    page.press("#replications", "Tab")
    until(page, "document.querySelector('#asked_for code')?.textContent.includes('--draws 6')")
