"""The command ``validate``: how far idmaj can be trusted, as one page, tables and plain sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.language import _
from ..sim.errors import UserError
from .options import LARGEST_SEED, MOST_WORKERS, Json, Posterior, Seed, Workers, within
from .terminal import console, print_json, progress, write_file

if TYPE_CHECKING:
    import pandas as pd

PAGE = "validation.html"
FOLDER = Path("idmaj-validation")
LARGE = ("rank_curves", "curves", "predicted")
"""Tables that draw a picture: in the folder, not among what is printed as JSON."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(validate)


def validate(
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="FILE", help="Spells or cohort tables of yours; else a synthetic register."),
    ] = None,
    posterior: Posterior = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer lives and less held out: under a minute.")] = False,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the report is written.")] = FOLDER,
    force: Annotated[bool, typer.Option("--force", help="Replace the report that is in the folder.")] = False,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Say how far idmaj can be trusted: closed forms, ranks, hold-outs, curves of others, and what cannot be tested.

    It takes some minutes, with --quick under one. The folder then holds validation.html and every table as CSV.

    Example: idmaj validate --data register.csv --posterior my-fit --out my-validation
    """
    within("--seed", seed, 0, LARGEST_SEED)
    within("--workers", 1 if workers is None else workers, 1, MOST_WORKERS)
    check_out(out, force)
    from ..calibration import validation
    from ..sim.ensemble import available_cores
    from .validation_report import render
    from .validation_saying import VERDICTS, answer, cannot_tell, said_of
    from .validation_words import in_words

    with progress(_("Validating"), 1) as advance:
        found = validation.validate(
            data, posterior, quick, seed, workers or available_cores(), lambda doing, done, total: advance(done, total)
        )
    page = render(found, _command(data, posterior, quick, seed))
    _make(out)
    for name, table in found.tables.items():
        write_file(out / f"{name}.csv", table.to_csv(index=False, float_format="%.6g", lineterminator="\n"), True)
    write_file(out / PAGE, page, True)
    said, cannot, notes = said_of(found), cannot_tell(found), [_(note) for note in found.notes]
    if as_json:
        about = {"data": _(found.data), "synthetic": found.synthetic, "posterior": _(found.posterior)}
        about["stale"] = in_words(found.stale)
        checks = [{"check": each.check, "verdict": each.verdict, "says": each.words} for each in said]
        tables = {name: _rows(table) for name, table in found.tables.items() if name not in LARGE}
        words = {"answer": answer(found), "checks": checks, "cannot_tell": cannot, "notes": notes}
        print_json(about | words | {"folder": str(out), "tables": tables})
        return
    screen = console()
    screen.print(f"{answer(found)}\n", soft_wrap=True)
    widest = max(len(_(verdict)) for verdict in VERDICTS)
    for each in said:
        words = _("{name}: {value}", name=_(each.check), value=each.words)
        screen.print(f"{_(each.verdict):>{widest}}  {words}", soft_wrap=True)
    screen.print("\n" + _("What cannot be tested:"))
    for sentence in (*cannot, *notes):
        screen.print(f"- {sentence}", soft_wrap=True)
    screen.print("\n" + _("written to {path}", path=out / PAGE))


def check_out(out: Path, force: bool) -> None:
    """Refuse a folder that holds something already, or a file, before anything is computed."""
    if out.is_file():
        raise UserError("--out: {out} is a file; accepted a folder", out=out)
    if out.is_dir() and any(out.iterdir()) and not force:
        raise UserError(
            "--out: {out} holds files already; accepted a new folder, or --force to replace a report", out=out
        )
    if out.is_dir() and any(out.iterdir()) and not (out / PAGE).exists():
        raise UserError("--out: {out} holds files that are no validation; accepted a new folder", out=out)


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        why = (problem.strerror or str(problem)).lower()
        raise UserError("--out: {out} cannot be made ({why}); accepted another folder", out=out, why=why) from problem


def _command(data: str | None, posterior: Path | None, quick: bool, seed: int) -> str:
    words = ["idmaj validate", *([f"--data {data}"] if data else [])]
    words += [f"--posterior {posterior}"] if posterior else []
    return " ".join([*words, *(["--quick"] if quick else []), f"--seed {seed}"])


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    import math

    def plain(value: Any) -> Any:
        value = value.item() if hasattr(value, "item") else value
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return [{str(key): plain(value) for key, value in row.items()} for row in table.to_dict("records")]
