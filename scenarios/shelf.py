"""Where studies stand: which folder may take one, which ones there are, and which one is meant."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..sim import UserError
from ..sim.store import LOCK, PARTS, whole_file
from .language import _, later

ABOUT = "study.json"
PARAMETERS = "parameters.csv"
POSTERIOR = "posterior"
"""Folder of a copy of the fit, where that is not the one that comes with idmaj."""
MADE = ("report.html", "ends.csv", "differences.csv", "summary.csv", "monthly.csv", "groups.csv")
"""What is made of the results; the study of one strategy has summary.csv in place of differences.csv."""
MAKING = ".made-*"
"""Folders in which these files are made; one stays behind where that was killed."""
OWN_FILES = frozenset((ABOUT, PARAMETERS, POSTERIOR, *PARTS, *MADE))
WHICH = later(
    "accepted: the folder of a study, its name, or the beginning of its fingerprint; idmaj study list names them"
)


def home() -> Path:
    """Return the folder of studies that were given no other (IDMAJ_STUDIES, or one in the user's data folder)."""
    chosen = os.environ.get("IDMAJ_STUDIES")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "share") / "idmaj" / "studies"


def place_at_home(keys: list[str], fingerprint: str) -> Path:
    """Return the folder at home of a study: what is compared in it, and the beginning of its fingerprint."""
    words = re.sub(r"[^a-z0-9_+-]", "-", "-vs-".join(keys).lower())
    return home() / f"{words[:60]}-{fingerprint[:12]}"


def studies_in(folder: Path) -> list[Path]:
    """Return the folders of the studies in a folder, or that folder itself; the latest first."""
    found = [path.parent for path in (folder / ABOUT, *folder.glob(f"*/{ABOUT}")) if path.is_file()]
    return sorted(found, key=lambda path: (-(path / ABOUT).stat().st_mtime, path))


def find_study(which: str) -> Path:
    """Return the folder of a study, given by its path, by its name at home, or by the beginning of its fingerprint.

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    if not which.strip():
        raise UserError("STUDY: found nothing; {accepted}", accepted=_(WHICH))
    if (Path(which) / ABOUT).is_file():
        return Path(which)
    at_home = studies_in(home())
    found = [path for path in at_home if which == path.name]
    if not found and len(which) >= 4:
        found = [path for path in at_home if _fingerprint(path).startswith(which)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        raise UserError(
            "{which}: found {count} studies ({names}); accepted: one of these names",
            which=which,
            count=len(found),
            names=names,
        )
    if Path(which).is_dir():
        raise UserError("{which}: found a folder without a study ({about} is missing)", which=which, about=ABOUT)
    raise UserError(
        "{which}: found no such study; {nearest}{accepted}",
        which=which,
        nearest=_nearest(which, at_home),
        accepted=_(WHICH),
    )


def _nearest(which: str, known: list[Path]) -> str:
    import difflib

    near = difflib.get_close_matches(which, [path.name for path in known], 1, 0.5)
    return _("did you mean {near}? ", near=near[0]) if near else ""


def _fingerprint(folder: Path) -> str:
    return str(read_about(folder).get("fingerprint", ""))


def read_about(folder: Path) -> dict[str, Any]:
    """Return what a study says of itself; nothing where it cannot be read."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def check_folder(folder: Path, force: bool) -> None:
    """Refuse a folder that cannot take a study, before anything is computed.

    Raises
    ------
    UserError
        When it exists and is not empty (unless `force`, and then only if it holds nothing but a study), when
        it is a file, or when nothing can be written beside it.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError("--out {folder}: found a file; accepted: a folder, or a name that is not taken", folder=folder)
    if folder.is_dir():
        _check_content(folder, force)
    parent = folder.resolve()
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise UserError(
            "--out {folder}: {parent} cannot be written; accepted: a folder where you may write",
            folder=folder,
            parent=parent,
        )


def _check_content(folder: Path, force: bool) -> None:
    try:
        content = sorted(path.name for path in folder.iterdir() if path.name != LOCK and not path.match(MAKING))
    except OSError as problem:
        raise UserError(
            "--out {folder}: {why}; accepted: a folder where you may write", folder=folder, why=problem.strerror
        ) from problem
    if not content:
        return
    if not force:
        keys = ", ".join(map(str, read_about(folder).get("strategies", [])))
        found = _("another study ({keys})", keys=keys) if keys else _("a folder that is not empty")
        raise UserError(
            "--out {folder}: found {found}; accepted: another folder, or --force to replace the study in it",
            folder=folder,
            found=found,
        )
    foreign = [name for name in content if name not in OWN_FILES]
    if foreign:
        raise UserError(
            "--out {folder}: found {foreign!r}, which is not part of a study, and --force would remove "
            "it; accepted: another folder",
            folder=folder,
            foreign=foreign[0],
        )


def keep_fit(folder: Path, files: Mapping[str, bytes]) -> None:
    """Keep a copy of a fit in a study's folder, or none where the study has none of its own."""
    copy = folder / POSTERIOR
    shutil.rmtree(copy, ignore_errors=True)
    if files:
        copy.mkdir()
    for name, content in files.items():
        whole_file(copy / name, content)


def remove_leftovers(folder: Path) -> None:
    """Remove what a process left that was killed while it made the files of a study."""
    for path in folder.glob(MAKING):
        shutil.rmtree(path, ignore_errors=True)


def replaced(folder: Path) -> Path:
    """Return where a study is kept until the one that is to replace it is complete."""
    return folder.resolve().with_name(f".{folder.resolve().name}.replaced")


def put_aside(folder: Path) -> None:
    """Make room for a study that is to replace the one in a folder."""
    old = replaced(folder)
    if old.exists() and read_about(folder).get("complete"):
        shutil.rmtree(old)  # left by a replacement that was completed
    if old.exists():
        shutil.rmtree(folder)  # a replacement that never was completed: what it was to replace stays
    else:
        folder.rename(old)


def shard_of(text: str) -> tuple[int, int]:
    """Return which part of how many ``3/8`` is.

    Raises
    ------
    UserError
        If it is none.
    """
    number, _, of = text.partition("/")
    if not (text.isascii() and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise UserError("--shard: found {text!r}, accepted a part and how many there are, as in 3/8", text=text)
    return int(number), int(of)
