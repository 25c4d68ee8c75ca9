"""Studies: a plan and its results in a folder that may be interrupted, extended, moved, joined and checked.

    study.json       what it is: plan, fingerprint, command, versions; whether it is complete
    manifest.jsonl   which chunks are done, and chunks/ their tables (`idmaj.sim.store`)
    parameters.csv   the parameters of every draw
    posterior/       the fit they come from, where that is not the bundled one
    report.html ...  what was made of the results once all runs were done

`study.json` is written before the first run and again at the end; in between only chunks are added.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..calibration.knowledge import fit_files
from ..sim import Luck, UserError, simulate
from ..sim.ensemble import Chunk, Crew, Failure, Tables, chunks_of, run_chunks, threads
from ..sim.store import LOCK, PARTS, Entry, Store, sha256_of, whole_file
from .experiment import Inputs, Plan, prepare
from .language import _
from .provenance import changed, inputs_of, provenance_of
from .results import Experiment
from .runs import Lives
from .shelf import (
    ABOUT,
    MADE,
    PARAMETERS,
    POSTERIOR,
    check_folder,
    keep_fit,
    place_at_home,
    put_aside,
    remove_leftovers,
    replaced,
    shard_of,
)
from .study_text import (
    FORMAT,
    described,
    failed,
    first_about,
    parameter_text,
    plan_of_text,
    sealed,
    unsealed,
    with_fit_in,
)

OnProgress = Callable[[int, int], None]


@dataclass
class StudyFolder:
    """A study on disk.

    Attributes
    ----------
    folder : Path
    plan : Plan
    about : dict
        What `study.json` says.
    store : Store
        Its chunks.
    """

    folder: Path
    plan: Plan
    about: dict[str, Any]
    store: Store

    @property
    def complete(self) -> bool:
        """Whether all its runs are done and what is made of them is written."""
        return bool(self.about["complete"])

    @property
    def shard(self) -> tuple[int, int] | None:
        """Which part of how many its folder is to do; None for all of it."""
        return None if self.about["shard"] is None else shard_of(self.about["shard"])

    def done(self) -> int:
        """Return how many runs are on disk."""
        have = {entry.chunk for entry in self.store.entries.values()}
        chunks = chunks_of(self.plan.draws, self.plan.replications, have)
        return sum(chunk.count for chunk in chunks if chunk in have)

    def chunks(self, work: Lives) -> list[Chunk]:
        """Return the chunks that this folder is to do, in order: around those that it has of this very work."""
        draws, replications = self.plan.draws, self.plan.replications
        if self.shard is None:
            entries = self.store.entries.values()
            have = (entry.chunk for entry in entries if work.address(entry.chunk) == entry.address)
            return chunks_of(draws, replications, have)
        # The cut of a shard never follows what is there already: all shards must cut alike.
        number, of = self.shard
        return chunks_of(draws, replications)[number - 1 :: of]

    def results(self) -> Experiment:
        """Return its results as tidy tables."""
        if not self.store.entries:
            raise UserError("{folder}: no run is done yet; go on with: idmaj study resume {folder}", folder=self.folder)
        return Experiment(self.plan, self.store, self.about["fingerprint"], dict(self.about["versions"]))

    def run(
        self, crew: Crew | None = None, on_progress: OnProgress | None = None, anyway: bool = False
    ) -> list[Failure]:
        """Do the runs that are not on disk yet; what is there is checked first, and done again where it is damaged.

        Parameters
        ----------
        crew : Crew, optional
            Who does the work; threads on all cores by default. Changes no number.
        on_progress : callable, optional
            Called in the calling thread with (runs done, runs in all).
        anyway : bool
            Whether to go on with other versions of libraries than those that began the study.

        Returns
        -------
        list of Failure
            What could not be done; all else is.

        Raises
        ------
        UserError
            If another process works on it, it cannot be written, or it was begun with another model.
        """
        crew, tell = crew or threads(), on_progress or _silent
        inputs = prepare(self.plan)
        work = Lives.of(self.plan, inputs)
        with self.store.locked():
            self._check_versions(inputs, anyway)
            remove_leftovers(self.folder)
            # Written when it was begun or extended, unless that was cut short.
            whole_file(self.folder / PARAMETERS, parameter_text(inputs).encode())
            chunks = self.chunks(work)
            total = sum(chunk.count for chunk in chunks)
            done = self._whole(work, chunks)

            def keep(chunk: Chunk, tables: Tables) -> None:
                self.store.keep(work.address(chunk), chunk, tables)
                done.add(chunk)
                tell(sum(each.count for each in done), total)

            todo = [chunk for chunk in chunks if chunk not in done]
            tell(total - sum(chunk.count for chunk in todo), total)
            failures: list[Failure] = []
            if todo:
                # Compiled here, since only the main thread can be interrupted while it compiles.
                simulate(inputs.params[0], inputs.past, Luck(self.plan.seed), 1)
                failures = run_chunks(work, todo, crew, keep)
            else:
                crew.leave()
            entries = [self.store.entries[work.address(chunk)] for chunk in chunks if chunk in done]
            self.store.settle(self._recut(work, entries) if self.shard is None and not failures else entries)
            self.about["failed"] = [failed(failure, self.plan) for failure in failures]
            self._write()
        return failures

    def _whole(self, work: Lives, chunks: Sequence[Chunk]) -> set[Chunk]:
        """Return the chunks that are on disk, as they were written and of this very work.

        Of a complete study the manifest is known: where it is another one, no chunk is trusted.
        """
        found: set[Chunk] = set()
        if self.complete and self.about["manifest_sha256"] != self.store.sha256():
            return found
        for chunk in chunks:
            entry = self.store.entries.get(work.address(chunk))
            if entry is not None and entry.chunk == chunk and not self.store.problems(entry):
                found.add(chunk)
        return found

    def _recut(self, work: Lives, entries: Sequence[Entry]) -> list[Entry]:
        """Join the chunks of a study that was extended to those of one that is run at once: the same bytes.

        Nothing is run again, and nothing listed yet: else a run would stand in two chunks if this were cut short.
        """
        whole = {entry.chunk: entry for entry in entries}
        for chunk in chunks_of(self.plan.draws, self.plan.replications):
            if chunk not in whole:
                parts = [entry for entry in entries if chunk.meets(entry.chunk)]
                whole[chunk] = self.store.write(work.address(chunk), chunk, self.store.joined(parts, chunk))
        return [whole[chunk] for chunk in chunks_of(self.plan.draws, self.plan.replications)]

    def _check_versions(self, inputs: Inputs, anyway: bool) -> None:
        """Refuse to mix what was run with different models; other libraries only `anyway`."""
        now, begun = provenance_of(inputs), self.about["versions"]
        fatal = changed(self.about["inputs"], inputs_of(inputs))
        if fatal:
            hint = _("a new study with this version: {command}", command=self.about["command"])
            why = _("begun with {fatal}; runs of both cannot be mixed", fatal=fatal)
            raise UserError("{folder}: {why}; accepted: {hint}", folder=self.folder, why=why, hint=hint)
        others = [f"{name} {begun.get(name)} (now {now[name]})" for name in now if begun.get(name) != now[name]]
        if others and not anyway:
            hint = _("the model is unchanged: --anyway goes on with these")
            raise UserError(
                "{folder}: begun with {others}; {hint}", folder=self.folder, others=", ".join(others), hint=hint
            )
        if others and now not in self.about["also_run_with"]:
            self.about["also_run_with"].append(now)

    def finish(self, files: Mapping[str, str | Path], said: Mapping[str, Sequence[str]] | None = None) -> None:
        """Write what was made of the results, and that the study is complete.

        Parameters
        ----------
        files : mapping
            Name of each file, and its text, or the path of a finished file that is to take its place.
        said : mapping, optional
            What is to stand in `study.json` of them: ``tells``, ``cannot_tell`` and ``notes``, in sentences.
        """
        with self.store.locked():
            for name, content in files.items():
                if isinstance(content, Path):
                    os.replace(content, self.folder / name)
                else:
                    whole_file(self.folder / name, content.encode())
            self.about["manifest_sha256"] = self.store.sha256()
            self.about["files"] = {name: sha256_of(self.folder / name) for name in sorted((*files, PARAMETERS))}
            self.about["complete"] = self.done() == self.plan.runs and not self.about["failed"]
            self.about["results_sha256"] = self.results().results_sha256
            self.about |= {name: list(sentences) for name, sentences in (said or {}).items()}
            self._write()
        shutil.rmtree(replaced(self.folder), ignore_errors=True)

    def extend(self, draws: int, replications: int, command: str, anyway: bool = False) -> None:
        """Ask for more draws or replications; what is there is kept, `run` does the rest.

        Raises
        ------
        UserError
            If it is to become smaller, or is one shard of a study.
        """
        plan = self.plan
        if draws < plan.draws or replications < plan.replications:
            found = _("{draws} draws and {replications} replications", draws=draws, replications=replications)
            least = _("{draws} draws and {replications} replications", draws=plan.draws, replications=plan.replications)
            raise UserError(
                "{folder}: found {found}; accepted: at least the {least} it has",
                folder=self.folder,
                found=found,
                least=least,
            )
        if self.shard is not None:
            raise UserError("{folder}: one shard cannot be extended; merge the shards first", folder=self.folder)
        if (draws, replications) == (plan.draws, plan.replications):
            return
        self.plan = replace(plan, draws=draws, replications=replications)
        inputs = prepare(self.plan)
        with self.store.locked():
            self._check_versions(replace(inputs, params=inputs.params[: plan.draws]), anyway)
            self.about |= described(self.plan, inputs, self.about["versions"])
            self.about |= {"command": command, "complete": False}
            self._write()

    def remove_if_empty(self) -> bool:
        """Remove a study none of whose runs is done, and its folder; one that it was to replace comes back.

        Returns whether it was removed. Where another process works on it, it stays.
        """
        try:
            with self.store.locked():
                if self.store.entries or self.about["files"]:
                    return False
                for name in (ABOUT, PARAMETERS, POSTERIOR, *PARTS):
                    path = self.folder / name
                    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        except UserError:
            return False
        with contextlib.suppress(OSError):
            (self.folder / LOCK).unlink(missing_ok=True)
            self.folder.rmdir()
            replaced(self.folder).rename(self.folder)
        return True

    def settle_at_home(self) -> None:
        """Give a study at home the name that its fingerprint asks for: it may have been extended."""
        there = place_at_home(self.plan.keys, self.about["fingerprint"])
        here = self.folder.resolve()
        if here.parent == there.resolve().parent and here.name != there.name and not there.exists():
            self.folder.rename(there)
            self.folder, self.store = there, Store(there)
            self.plan = with_fit_in(there, self.plan)

    def _write(self) -> None:
        whole_file(self.folder / ABOUT, sealed(self.about).encode())


def create(folder: Path, plan: Plan, command: str, force: bool = False, shard: str | None = None) -> StudyFolder:
    """Begin a study, or go on with the same one where it was interrupted.

    Parameters
    ----------
    folder : Path
        Made if need be.
    plan : Plan
    command : str
        The command that gives the same numbers again.
    force : bool
        Whether to replace a study that is there. Another one is put aside until this one is complete; of the same
        one the runs are kept, those that still are what was written.
    shard : str, optional
        ``3/8``: of the chunks, only the third of every eight.

    Raises
    ------
    UserError
        When the folder is refused (`check_folder`), or a strategy cannot be read as settings.
    """
    inputs = prepare(plan)
    # Read before anything is moved: it may lie in the very study that is to be replaced.
    fit = {} if plan.posterior is None else fit_files(plan.posterior)
    begun = begun_in(folder)
    about = first_about(plan, inputs, command, shard)
    same = begun is not None and begun.about["fingerprint"] == about["fingerprint"] and begun.about["shard"] == shard
    if begun is not None and same and not force:
        if not begun.complete:
            return begun
        raise UserError(
            "--out {folder}: this very study is there and complete; open {report}; to see what it is: "
            "idmaj study show {folder}; to add runs: idmaj study extend {folder} --replications +2; "
            "accepted: another folder, or --force to replace it",
            folder=folder,
            report=folder / "report.html",
        )
    check_folder(folder, force)
    if not same and folder.is_dir():
        with Store(folder).locked():  # nobody works on what is put aside
            put_aside(folder)
    study = StudyFolder(folder, with_fit_in(folder, plan), about, Store(folder))
    with study.store.locked():
        study._write()
        keep_fit(folder, fit)
        whole_file(folder / PARAMETERS, parameter_text(inputs).encode())
        for name in MADE:
            (folder / name).unlink(missing_ok=True)
    return study


def begun_in(folder: Path) -> StudyFolder | None:
    """Return the study in a folder; None where there is none that can be read."""
    try:
        return open_study(folder) if (folder / ABOUT).is_file() else None
    except UserError:
        return None


def open_study(folder: Path) -> StudyFolder:
    """Open a study.

    Raises
    ------
    UserError
        If there is none, it cannot be read, or it is of a format that this version does not know.
    """
    path = folder / ABOUT
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            "{folder}: found no study there ({about} is missing); idmaj study list names them",
            folder=folder,
            about=ABOUT,
        ) from error
    except (OSError, ValueError) as error:
        raise UserError("{path}: cannot be read ({error})", path=path, error=error) from error
    if isinstance(about, dict) and about.get("format") == FORMAT and not unsealed(about):
        hint = _("accepted: the file as it was written, or a new study: the same command with --force")
        raise UserError("{path}: was changed after it was written; {hint}", path=path, hint=hint)
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        found = about.get("format") if isinstance(about, dict) else None
        why = _("accepted {format}: made by another version of idmaj", format=FORMAT)
        raise UserError("{path}: found format {found!r}; {why}", path=path, found=found, why=why)
    try:
        plan = plan_of_text(about["plan"])
        known = ("fingerprint", "complete", "shard", "versions", "inputs", "command", "failed", "also_run_with")
        missing = [name for name in known if name not in about]
    except (UserError, KeyError) as error:
        raise UserError("{path}: {error}", path=path, error=error) from error
    if missing:
        raise UserError("{path}: found no {missing!r}; the file is damaged", path=path, missing=missing[0])
    return StudyFolder(folder, with_fit_in(folder, plan), about, Store(folder))


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
