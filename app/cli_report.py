"""The command ``idmaj report``: a study that is kept, as one page, in the reader's language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..scenarios.language import _
from ..sim.errors import UserError
from .cli_study import Which, open_kept
from .terminal import console


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(report)


def report(
    which: Which,
    lang: Annotated[str | None, typer.Option("--lang", metavar="WORD", help="'en', 'fr' or 'ar'.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The page; by default report-LANG.html here.")
    ] = None,
    dac: Annotated[bool, typer.Option("--dac", help="Also under the criteria of OECD-DAC, for evaluators.")] = False,
    as_pdf: Annotated[bool, typer.Option("--pdf", help="A PDF (needs the extra pdf of idmaj).")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
) -> None:
    """Write a study as one page: the answer first, pictures, tables, what it rests on. Arabic, French or English.

    Example: idmaj report idmaj-tour --lang fr --out rapport.html
    """
    from ..scenarios.language import language, speaking, spoken

    code = spoken().code if lang is None else language(lang).code
    ending = ".pdf" if as_pdf else ".html"
    target = Path(f"report-{code}{ending}") if out is None else out
    study = open_kept(which)
    _check(target, ending, force)
    if target.resolve().is_relative_to(study.folder.resolve()):
        raise UserError("--out: found {target}, within the study; accepted: a file elsewhere", target=target)
    if not study.complete:
        done = _("{done:,} of {runs:,} runs", done=study.done(), runs=study.plan.runs)
        raise UserError(
            "{folder}: found {done}; accepted: all of them; go on with: idmaj study resume {which}",
            folder=study.folder,
            done=done,
            which=which,
        )
    from ..sim.store import whole_file
    from .report import render
    from .report_pdf import pdf
    from .study import account

    with speaking(code):
        said = account(study.results(), study.about["command"])
        content = pdf(said, dac) if as_pdf else render(said, dac).encode()
    try:
        whole_file(target, content)
    except OSError as problem:
        raise UserError(
            "{target}: cannot be written ({why}); accepted: another --out", target=target, why=problem.strerror
        ) from problem
    console().print(str(target.resolve()), soft_wrap=True)


def _check(target: Path, ending: str, force: bool) -> None:
    """Refuse a file that is there already, or a folder that is not, before anything is computed."""
    if target.suffix.lower() != ending:
        raise UserError("--out: found {target}; accepted: a name that ends in {ending}", target=target, ending=ending)
    try:
        there, fits = target.exists(), not target.is_dir() and target.parent.is_dir()
    except OSError as problem:
        raise UserError(
            "--out: found {target}: {why}; accepted: a file that can be written", target=target, why=problem.strerror
        ) from problem
    if not fits:
        raise UserError("--out: found {target}; accepted: a file in a folder that is there", target=target)
    if there and not force:
        raise UserError(
            "--out: {target} is there already; accepted: another name, or --force to replace it", target=target
        )
