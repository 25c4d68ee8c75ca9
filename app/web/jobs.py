"""Commands that the page starts: each in a process of its own, which goes on when page and server are closed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from ...scenarios.shelf import home
from ...sim.store import whole_file

NEW_GROUP = 0x00000200
"""On Windows, CREATE_NEW_PROCESS_GROUP."""


def kept() -> Path:
    """Return the folder of what the page keeps beside the studies: `strategies/`, `jobs/` and `workbooks/`."""
    return home() / ".page"


@dataclass
class Jobs:
    """The commands that were started, by what they are about; another server on this machine finds them, too."""

    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, arguments: Sequence[str], done: int = 0) -> None:
        """Start a command of idmaj, unless one about that is running.

        Parameters
        ----------
        name : str
            What it is about: the name of a study, or of a file.
        arguments : sequence of str
            As after ``idmaj``.
        done : int
            Runs that are there already, for the estimate of the time left.
        """
        folder = kept() / "jobs"
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{name}.lock"):  # another server may be asked for the same
            if self.running(name) is None:
                self._start(folder, name, arguments, done)

    def _start(self, folder: Path, name: str, arguments: Sequence[str], done: int) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "idmaj.app.web.worker", *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=os.name != "nt", creationflags=NEW_GROUP if os.name == "nt" else 0,
            )  # fmt: skip
        self.children.append(child)
        with contextlib.suppress(psutil.Error):
            born = psutil.Process(child.pid).create_time()
            about = {"pid": child.pid, "born": born, "began": time.time(), "done": done, "command": list(arguments)}
            whole_file(folder / f"{name}.json", json.dumps(about).encode())

    def running(self, name: str) -> dict[str, Any] | None:
        """Return what is known of the command about something; None where none is running."""
        for child in self.children:
            child.poll()
        try:
            about: dict[str, Any] = json.loads((kept() / "jobs" / f"{name}.json").read_text(encoding="utf-8"))
            process = psutil.Process(about["pid"])
            alive = process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - about["born"]) < 1.0
        except (OSError, ValueError, KeyError, psutil.Error):
            return None
        return about if alive else None

    def stop(self, name: str) -> None:
        """Stop the command about something, as Ctrl-C does: what is done is kept."""
        about = self.running(name)
        if about is not None:
            with contextlib.suppress(OSError):
                os.kill(about["pid"], signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGINT)

    def complaint(self, name: str) -> str:
        """Return what the last command about something said on standard error; nothing where it said nothing."""
        try:
            said = (kept() / "jobs" / f"{name}.log").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""
        return "" if said.endswith("KeyboardInterrupt") else said  # stopped while it was still being loaded
