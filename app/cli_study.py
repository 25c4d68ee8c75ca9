"""The commands ``idmaj study ...``: studies that are kept, gone on with, extended, checked, joined and handed on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.labels import dated
from ..scenarios.labels import strategy as called
from ..scenarios.language import _, later, many, written
from ..sim.errors import UserError
from .options import MOST_DRAWS, MOST_RUNS, Cluster, Json, Labour, Processes, Workers, whole, within
from .terminal import console, print_json, progress

if TYPE_CHECKING:
    from ..scenarios.studies import StudyFolder
    from ..scenarios.upkeep import Verdict

Which = Annotated[
    str, typer.Argument(metavar="STUDY", help="Its folder, its name, or the beginning of its fingerprint.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Go on with other versions of libraries; never with another model.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the study that is in the folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Studies: list, show, resume, extend, verify, merge, export.")
    group.command("list")(list_)
    for command in (show, resume, extend, verify, merge, export):
        group.command()(command)
    app.add_typer(group, name="study")


def list_(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder to look in, besides where studies are kept.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List studies: in the folder where they are kept unless --out says otherwise, and in this one or another.

    Example: idmaj study list
    """
    from ..scenarios.shelf import home, read_about, studies_in

    here = Path() if folder is None else folder
    if not here.is_dir():
        raise UserError("{here}: found no such folder", here=here)
    found = list(dict.fromkeys(path.resolve() for path in (*studies_in(here), *studies_in(home()))))
    rows = [_listed(path, read_about(path)) for path in found]
    if as_json:
        print_json(rows)
        return
    out = console()
    if not rows:
        out.print(_("No study in {folder} nor in {home}.", folder=here.resolve(), home=home()), soft_wrap=True)
    for row in rows:
        part = _("shard {shard}", shard=row["shard"]) if row["shard"] else _("not complete")
        state = _("complete") if row["complete"] else part
        names, runs = _(", ").join(row["strategies"]), _runs(row["draws"], row["replications"])
        out.print(f"{row['folder']}", soft_wrap=True)
        said = _("{name}: {value}", name=names, value=_(", ").join([runs, state, row["fingerprint"][:12]]))
        out.print(f"    {said}", soft_wrap=True)


def _runs(draws: int, replications: int) -> str:
    return _("{draws} draws x {replications} replications", draws=draws, replications=replications)


def _listed(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    wanted = ("fingerprint", "complete", "shard", "strategies", "draws", "replications", "seed", "command")
    missing = {"fingerprint": "", "complete": False, "strategies": [], "draws": 0, "replications": 0}
    return {"folder": str(path), **{name: about.get(name, missing.get(name)) for name in wanted}}


def show(which: Which, as_json: Json = False) -> None:
    """Show what a study is: what was compared, how far it is, what it was made with, how to get it again.

    Example: idmaj study show idmaj-tour
    """
    study = open_kept(which)
    about, plan = study.about, study.plan
    damaged = [problem for entry in study.store.in_order() for problem in study.store.problems(entry)]
    damaged += study.store.damaged
    if as_json:
        told = {name: value for name, value in about.items() if name not in ("plan", "format")}
        told |= {"folder": str(study.folder), "runs_done": study.done(), "runs": plan.runs, "damaged": damaged}
        print_json(told)
        return
    out = console()
    lines = _lines(study, damaged)
    width = max(12, *map(len, lines))
    for name, value in lines.items():
        out.print(f"{name:{width}} {value}", soft_wrap=True)
    for problem in damaged:
        out.print(_("damaged: {problem}", problem=problem), soft_wrap=True)


def _lines(study: StudyFolder, damaged: list[str]) -> dict[str, object]:
    """Return what is shown of a study, each under its label."""
    about, plan = study.about, study.plan
    ends = {"first": dated(plan.start), "last": dated(plan.months - 1)}
    size = {"number": written(f"{study.store.size() / 1e6:.1f}"), "chunks": _chunks(len(study.store.entries))}
    runs = {"done": study.done(), "count": plan.runs, "runs": _runs(plan.draws, plan.replications)}
    found = {
        later("study"): study.folder,
        later("strategies"): _(", ").join(
            _("{key} ({name})", key=each.key, name=called(each.name)) for each in plan.strategies
        ),
        later("plan"): _("{first} to {last}, budget {budget}, seed {seed}", budget=plan.budget, seed=plan.seed, **ends),
        later("runs"): _("{done} of {count} done ({runs})", **runs),
        later("state"): _state(study, damaged),
        later("size"): _("{number} MB in {chunks}", **size),
        later("made with"): _(", ").join(f"{name} {value[:12]}" for name, value in about["versions"].items()),
        later("fingerprint"): about["fingerprint"],
        later("results"): about["results_sha256"] or "-",
        later("command"): about["command"],
    }
    return {_(label): value for label, value in found.items()}


def _chunks(count: int) -> str:
    return many("{n} chunk", "{n} chunks", count)


def _state(study: StudyFolder, damaged: list[str]) -> str:
    again = {"command": f"idmaj study resume {study.folder}"}
    if damaged:
        return _("damaged; mend it with: {command}", **again)
    if study.about["failed"]:
        chunks = _chunks(len(study.about["failed"]))
        return _("incomplete: {chunks} could not be done; {command}", chunks=chunks, **again)
    if study.shard is not None:
        return _("shard {shard}", shard=study.about["shard"])
    return _("complete") if study.complete else _("not complete; go on with: {command}", **again)


def resume(
    which: Which,
    workers: Workers = None,
    processes: Processes = False,
    cluster: Cluster = None,
    anyway: Anyway = False,
    as_json: Json = False,
) -> None:
    """Go on with a study that was stopped, or mend one that is damaged: only what is missing is run.

    Example: idmaj study resume idmaj-tour
    """
    _go_on(open_kept(which), Labour(workers, processes, cluster), anyway, as_json)


def extend(
    which: Which,
    replications: Annotated[
        str | None, typer.Option("--replications", metavar="+N", help="So many more; without + so many in all.")
    ] = None,
    draws: Annotated[str | None, typer.Option("--draws", metavar="+N", help="So many more; or in all.")] = None,
    workers: Workers = None,
    processes: Processes = False,
    cluster: Cluster = None,
    anyway: Anyway = False,
    as_json: Json = False,
) -> None:
    """Add draws or replications to a study: what is there is not run again, and the whole equals one run at once.

    Example: idmaj study extend idmaj-tour --replications +2
    """
    labour = Labour(workers, processes, cluster)
    labour.check()
    study = open_kept(which)
    if draws is None and replications is None:
        raise UserError("study extend: found neither --draws nor --replications; accepted: one, as in --draws +25")
    asked_draws = _more("--draws", draws, study.plan.draws, MOST_DRAWS)
    asked = _more("--replications", replications, study.plan.replications, MOST_RUNS)
    from dataclasses import replace

    from .study import recount

    plan = replace(study.plan, draws=asked_draws, replications=asked)
    study.extend(asked_draws, asked, recount(study.about["command"], plan), anyway)
    _go_on(study, labour, anyway, as_json)


def _more(option: str, text: str | None, now: int, most: int) -> int:
    """Return how many there are to be: ``+25`` more, or ``50`` in all."""
    if text is None:
        return now
    number = whole(text.removeprefix("+"))
    within(option, number, 1, MOST_RUNS)
    found = now + number if text.startswith("+") else number
    if found < now:
        raise UserError(
            "{option}: found {text}, accepted at least the {now} that it has, or as in +{number}",
            option=option,
            text=text,
            now=now,
            number=number,
        )
    within(option, found, 1, most)
    return found


def _go_on(study: StudyFolder, labour: Labour, anyway: bool, as_json: bool) -> None:
    """Do what a study lacks and say what was found."""
    from . import work
    from .saying import say

    labour.check()
    gone = _("no run was done, so no study is left; begin it again with: {command}", command=study.about["command"])
    with work.stoppable(study, gone):
        failures = work.run(study, labour, anyway)
        said = None if study.shard is not None else work.finish(study)
    if said is None:
        about = {"shard": study.about["shard"], "folder": study.folder}
        console().print(_("Shard {shard} is done: {folder}", **about), soft_wrap=True)
    else:
        say(said, study.folder, as_json, [])
    work.check_complete(study, failures)


def verify(
    which: Which,
    rerun: Annotated[
        int, typer.Option("--rerun", parser=whole, metavar="N", help="Run so many chunks again, drawn by chance.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Check that a study is what was written, and print its fingerprint; --rerun checks that it comes out again.

    Example: idmaj study verify idmaj-tour --rerun 1
    """
    within("--rerun", rerun, 0, MOST_RUNS)
    from ..scenarios.upkeep import verify as check

    study = open_kept(which)
    with progress(later("Running again"), rerun) as advance:
        found = check(study, rerun, advance)
    if as_json:
        told = {"study": str(study.folder), "fingerprint": study.about["fingerprint"], "sound": not found.problems}
        told |= {"files": found.files, "run_again": found.again, "notes": found.notes, "problems": found.problems}
        print_json(told)
    else:
        _say_checked(study, found, rerun)
    if found.problems:
        said = "\n".join(found.problems[:20])
        if found.differs:
            command = f"{study.about['command']} --force"
            raise UserError("{said}\nbegin it anew with: {command}", said=said, command=command)
        raise UserError("{said}\nmend it with: {command}", said=said, command=f"idmaj study resume {study.folder}")
    if not as_json:
        console().print(_sound(found))


def _say_checked(study: StudyFolder, found: Verdict, rerun: int) -> None:
    """Print what was checked, and what could not be."""
    out = console()
    lines = {
        _("fingerprint"): study.about["fingerprint"],
        _("results"): study.about["results_sha256"] or "-",
    }
    width = max(map(len, lines))
    for name, value in lines.items():
        out.print(f"{name:{width}} {value}", soft_wrap=True)
    said = _("{files} checked", files=many("{n} file", "{n} files", found.files))
    if rerun:
        said = _("{checked}, {chunks} run again", checked=said, chunks=_chunks(found.again))
    out.print(said, soft_wrap=True)
    for note in found.notes:
        out.print(note, soft_wrap=True)


def _sound(found: Verdict) -> str:
    """Say that nothing is wrong, of all or of what could be checked, and whether it came out again."""
    if found.notes:
        return (
            _("What could be checked is as it was written, and comes out again.")
            if found.again
            else _("What could be checked is as it was written.")
        )
    if found.again:
        return _("All is as it was written, and comes out again.")
    return _("All is as it was written.")


def merge(
    shards: Annotated[list[str], typer.Argument(metavar="SHARD...", help="The folders of all shards.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the whole study.")],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Join the shards of a study that separate machines ran (--shard I/N).

    Example: idmaj study merge --out whole shard-1 shard-2
    """
    from ..scenarios.upkeep import merge as join
    from . import work
    from .saying import say

    study = join([open_kept(shard).folder for shard in shards], out, force)
    with work.stoppable(study):
        said = work.finish(study)
    say(said, study.folder, as_json, [])


def export(
    which: Which,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="New folder for the tables.")],
    form: Annotated[str, typer.Option("--format", metavar="WORD", help="'csv' or 'parquet'.")] = "csv",
) -> None:
    """Write every run of a study as tidy tables, with a dictionary of what each column means.

    Example: idmaj study export idmaj-tour --out tour-tables
    """
    from ..scenarios.export import export as write

    study = open_kept(which)
    for path in write(study, out, form):
        console().print(str(path), soft_wrap=True)
    if not study.complete:
        said = _(
            "Mind: not complete, {done} of {count} runs; go on with: idmaj study resume {folder}",
            done=written(f"{study.done():,}"), count=written(f"{study.plan.runs:,}"), folder=study.folder,
        )  # fmt: skip
        print(said, file=sys.stderr)


def open_kept(which: str) -> StudyFolder:
    """Return the study of a folder, a name or the beginning of a fingerprint; UserError where there is none."""
    from ..scenarios.shelf import find_study
    from ..scenarios.studies import open_study

    return open_study(find_study(which))
