"""Looking after studies: is everything still as it was written, does it come out again, and joining shards."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..sim import UserError
from ..sim.ensemble import Chunk, chunks_of
from ..sim.store import Entry, Store, reading, sha256_of
from .experiment import prepare
from .language import _, written
from .provenance import changed, fingerprint, inputs_of
from .runs import Lives
from .studies import StudyFolder, create, open_study


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    files : int
        Files whose content was compared with what was written.
    again : int
        Chunks that were run again.
    problems : tuple of str
        What is wrong, in words; nothing where all is well.
    notes : tuple of str
        What could not be checked here, and why.
    differs : bool
        Whether something came out otherwise when run again: no file says which is true.
    """

    files: int
    again: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    differs: bool = False


def verify(study: StudyFolder, rerun: int = 0, on_progress: Callable[[int, int], None] | None = None) -> Verdict:
    """Check a study: every file against its sha256, what is missing, the fingerprint, the hash of the results.

    Parameters
    ----------
    study : StudyFolder
    rerun : int
        How many chunks, drawn by chance, to run again and compare with what is there.
    on_progress : callable, optional
        Called with (chunks run again, chunks to run again).
    """
    problems, notes, files = list(study.store.damaged), [], 0
    for entry in study.store.in_order():
        found = study.store.problems(entry)
        files += len(entry.files)
        problems += found
    for name, known in study.about.get("files", {}).items():
        files += 1
        path = study.folder / name
        if not path.is_file() or sha256_of(path) != known:
            problems.append(_("{path}: is not what was written", path=path))
    if study.complete and study.store.sha256() != study.about["manifest_sha256"]:
        problems.append(_("{path}: is not what was written", path=study.store.manifest))
    missing = study.plan.runs - study.done()
    if study.about["complete"] and missing:
        about = {"folder": study.folder, "missing": missing, "count": study.plan.runs}
        problems.append(_("{folder}: {missing} runs of {count} are missing", **about))
    elif study.shard is None and not study.about["complete"]:
        counts = {"done": written(f"{study.done():,}"), "count": written(f"{study.plan.runs:,}")}
        notes.append(_("Mind: not complete, {done} of {count} runs; what there is was checked.", **counts))
    if sum(entry.chunk.count for entry in study.store.entries.values()) > study.done() and study.shard is None:
        problems.append(_("{file}: some runs stand in two chunks", file=study.store.manifest))
    inputs = prepare(study.plan)
    work = Lives.of(study.plan, inputs)
    other = changed(study.about["inputs"], inputs_of(inputs))
    if other:
        said = _("Made with {other}: files were checked; nothing can be run again with this version.", other=other)
        notes.append(said)
        return Verdict(files, 0, tuple(problems), tuple(notes))
    if fingerprint(study.plan, inputs, study.about["versions"]) != study.about["fingerprint"]:
        problems.append(_("{folder}: the fingerprint in study.json is not that of its plan", folder=study.folder))
    strange = [entry for entry in study.store.in_order() if work.address(entry.chunk) != entry.address]
    problems += [_stranger(study.store, entry) for entry in strange]
    if not problems and study.about["complete"] and study.results().results_sha256 != study.about["results_sha256"]:
        problems.append(_("{folder}: the results are not those whose sha256 study.json gives", folder=study.folder))
    known = len(problems)
    again = _run_again(study, work, rerun, problems, on_progress or (lambda done, total: None))
    return Verdict(files, again, tuple(problems), tuple(notes), len(problems) > known)


def _run_again(
    study: StudyFolder, work: Lives, rerun: int, problems: list[str], tell: Callable[[int, int], None]
) -> int:
    """Run some chunks again and add what differs to the problems; return how many were run."""
    entries = study.store.in_order()
    chosen = random.SystemRandom().sample(entries, min(rerun, len(entries)))
    for number, entry in enumerate(chosen):
        tell(number, len(chosen))
        with tempfile.TemporaryDirectory(prefix="idmaj-") as folder:
            fresh = Store(Path(folder))
            fresh.keep(entry.address, entry.chunk, work(entry.chunk, bool))
            twin = fresh.entries[entry.address]
            same = all(_rows(study.store, entry, table).equals(_rows(fresh, twin, table)) for table in twin.files)
        if not same:
            said = _("{chunk}: run again, it gives something else than what is in the study", chunk=entry.chunk)
            problems.append(said)
    tell(len(chosen), len(chosen))
    return len(chosen)


def _stranger(store: Store, entry: Entry) -> str:
    return _("{file}: {chunk} is not of this study", file=store.manifest, chunk=entry.chunk)


def _rows(store: Store, entry: Entry, table: str) -> pd.DataFrame:
    found: pd.DataFrame = store.query(f"SELECT * FROM {reading([store.path(entry.address, table)])}").df()
    return found


def merge(folders: Sequence[Path], out: Path, force: bool = False) -> StudyFolder:
    """Join the shards of a study, which separate machines ran.

    Parameters
    ----------
    folders : sequence of Path
        One for each shard, in any order.
    out : Path
        Where the whole study is to be.
    force : bool
        Whether to replace a study that is there.

    Raises
    ------
    UserError
        If a shard is missing, given twice, unfinished, damaged or of another study; nothing is written then.
    """
    studies = [open_study(folder) for folder in folders]
    _check_shards(studies)
    inputs = prepare(studies[0].plan)
    other = changed(studies[0].about["inputs"], inputs_of(inputs))
    if other:
        raise UserError(
            "{first}: made with {other}; accepted: the version that made them", first=studies[0].folder, other=other
        )
    if out.resolve() in {folder.resolve() for folder in folders}:
        raise UserError("--out {out}: is one of the shards; accepted: another folder", out=out)
    plan, first, work = studies[0].plan, studies[0], Lives.of(studies[0].plan, inputs)
    wanted = {chunk: study for study in studies for chunk in _its_chunks(study)}
    for study in studies:
        for entry in study.store.in_order():
            found = study.store.problems(entry)
            if found or work.address(entry.chunk) != entry.address:
                raise UserError(
                    "{problem}; mend it with: idmaj study resume {folder}",
                    problem=found[0] if found else _stranger(study.store, entry),
                    folder=study.folder,
                )
    whole = create(out, plan, first.about["command"], force)
    whole.about |= {name: first.about[name] for name in ("versions", "fingerprint")}
    others = [versions for study in studies for versions in study.about["also_run_with"]]
    whole.about["also_run_with"] = [each for place, each in enumerate(others) if each not in others[:place]]
    with whole.store.locked():
        have = {entry.chunk: entry for study in studies for entry in study.store.in_order()}
        for chunk in sorted(wanted):
            whole.store.adopt(wanted[chunk].store, have[chunk])
        whole.store.settle(have[chunk] for chunk in wanted)
    return whole


def _its_chunks(study: StudyFolder) -> list[Chunk]:
    number, of = study.shard or (1, 1)
    return chunks_of(study.plan.draws, study.plan.replications)[number - 1 :: of]


def _check_shards(studies: Sequence[StudyFolder]) -> None:
    """Refuse what is no whole set of shards of one study."""
    seen: dict[tuple[int, int], StudyFolder] = {}
    first = studies[0].shard
    for study in studies:
        if study.shard is None:
            raise UserError("{folder}: found a whole study; accepted shards, made with --shard", folder=study.folder)
        if study.about["fingerprint"] != studies[0].about["fingerprint"]:
            why = changed(studies[0].about["inputs"], study.about["inputs"]) or _("other numbers or versions")
            raise UserError(
                "{folder}: is of another study than {first}: {why}",
                folder=study.folder,
                first=studies[0].folder,
                why=why,
            )
        number, of = study.shard
        if first is not None and of != first[1]:
            raise UserError(
                "{folder}: found shard {number}/{of}, beside shards of {shard}",
                folder=study.folder,
                number=number,
                of=of,
                shard=studies[0].about["shard"],
            )
        if study.shard in seen and seen[study.shard].folder.resolve() == study.folder.resolve():
            raise UserError(
                "shard {number}/{of}: found twice, as the same folder {folder}; accepted once",
                number=number,
                of=of,
                folder=study.folder,
            )
        if study.shard in seen:
            raise UserError(
                "shard {number}/{of}: found twice, in {first} and {folder}",
                number=number,
                of=of,
                first=seen[study.shard].folder,
                folder=study.folder,
            )
        seen[study.shard] = study
        have = {entry.chunk for entry in study.store.entries.values()}
        undone = [chunk for chunk in _its_chunks(study) if chunk not in have]
        if undone:
            hint = _("finish it with: idmaj study resume {folder}", folder=study.folder)
            raise UserError(
                "{folder}: {count} of its chunks are not done; {hint}",
                folder=study.folder,
                count=len(undone),
                hint=hint,
            )
    of = next(iter(seen))[1]
    missing = [f"{number}/{of}" for number in range(1, of + 1) if (number, of) not in seen]
    if missing:
        raise UserError("shard {missing}: missing; accepted all {of}, each once", missing=", ".join(missing), of=of)
