"""Studies that were given no folder: kept at home under their fingerprint, and found there again."""

from __future__ import annotations

from pathlib import Path

from .experiment import Plan, prepare
from .provenance import fingerprint, provenance_of
from .shelf import home, place_at_home, read_about, studies_in
from .studies import StudyFolder, begun_in, create


def fingerprint_of(plan: Plan) -> str:
    """Return the fingerprint of a plan, as this version would run it."""
    inputs = prepare(plan)
    return fingerprint(plan, inputs, provenance_of(inputs))


def reopen(folder: Path, known: str) -> StudyFolder | None:
    """Return the study of a fingerprint, where it is in a folder, complete or not."""
    begun = begun_in(folder)
    return begun if begun is not None and begun.about["fingerprint"] == known and begun.shard is None else None


def kept_at_home(known: str) -> StudyFolder | None:
    """Return the study of a fingerprint that is kept at home, complete or not."""
    for folder in studies_in(home()):
        if read_about(folder).get("fingerprint") == known:
            found = reopen(folder, known)
            if found is not None:
                return found
    return None


def begin_at_home(plan: Plan, command: str) -> StudyFolder:
    """Return the study of a plan at home, complete or not, or a new one there; no other study is ever replaced."""
    known = fingerprint_of(plan)
    there = kept_at_home(known)
    if there is not None:
        return there
    place, number = place_at_home(plan.keys, known), 1
    folder = place
    while folder.exists():  # another study that was extended, or one that cannot be read
        number += 1
        folder = place.with_name(f"{place.name}-{number}")
    return create(folder, plan, command)
