"""The commands ``calibrate`` and ``cache``: numbers that agree with history, and the compiled code on disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from ..sim.errors import UserError
from .terminal import console, print_json, progress

MOST = 1_000_000
LARGEST_SEED = 2**32 - 1


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(calibrate)
    app.command()(cache)


def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="The rejection fit to published figures.")] = False,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="Prior draws that are replayed.")] = 3000,
    kept: Annotated[int, typer.Option("--kept", metavar="N", help="How many of them are kept.")] = 200,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of draws and luck.")] = 2017,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the fit is written.")] = Path("idmaj-fit"),
    force: Annotated[bool, typer.Option("--force", help="Replace the fit that is there.")] = False,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", help="Runs at a time.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON, nothing else.")] = False,
) -> None:
    """Fit the model to what was published, and check that the numbers hang together.

    Example: idmaj calibrate --quick --runs 200 --kept 20 --out my-fit
    """
    if not quick:
        raise UserError("calibrate: found no --quick; accepted: idmaj calibrate --quick (the fit of this version)")
    for option, value in (("--runs", runs), ("--kept", kept), ("--workers", 1 if workers is None else workers)):
        if not 1 <= value <= MOST:
            raise UserError(f"{option}: found {value}; accepted: a whole number from 1 to {MOST}")
    if not 0 <= seed < LARGEST_SEED:
        raise UserError(f"--seed: found {seed}; accepted: a whole number from 0 to {LARGEST_SEED - 1}")
    from ..calibration.checks import historical_figures, prior_table, stock_table
    from ..calibration.fit import FITTED, QuickFit, bundled, check_folder, quick_fit, replay_kept, write_fit
    from ..sim.ensemble import threads

    asked, crew = QuickFit(runs, kept, seed), threads(workers)
    check_folder(out, force)
    with progress("replaying history", runs) as tick:
        result = quick_fit(asked, crew, tick)
    table = prior_table(result.summaries)
    replays = replay_kept(result, asked, crew)
    history, stocks = historical_figures(replays), stock_table(replays)
    before = bundled()
    write_fit(out, result, {"hang_together": table, "historical": history, "stocks": stocks}, asked)
    same_as_bundled = (out / FITTED).read_bytes() == before
    if as_json:
        found = {"checks": table, "history": history, "parameters": result.table}
        about = {"folder": str(out), "same_as_bundled": same_as_bundled}
        print_json(about | {name: _rows(rows) for name, rows in found.items()})
        return
    screen = console()
    screen.print(table.round(3).to_string(index=False, na_rep=""), soft_wrap=True)
    learned = result.table[result.table.label != "prior-driven"].sort_values("contraction", ascending=False)
    screen.print("\nHistory as published and as the model replays it; only what is predicted counts as fit:")
    screen.print(history.round(3).to_string(index=False), soft_wrap=True)
    far = float(stocks.relative_error.abs().max())
    screen.print(f"\nRefugee stocks above 100 persons are met within {100 * far:.1f} % in every year.")
    screen.print("\nWhat the published figures say something about; every other parameter is its prior:")
    screen.print(learned.round(3).to_string(index=False), soft_wrap=True)
    same = "the same, byte for byte, as" if same_as_bundled else "not"
    screen.print(f"\nwritten to {out}: {same} the fit that comes with idmaj")


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove it; the next run compiles anew.")] = False,
) -> None:
    """Say where compiled code is kept and how big it is; or remove it."""
    from ..sim.rule import cache_root

    root = cache_root()
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) if root.exists() else 0
    console().print(f"{root}: {size / 1e6:.1f} MB")
    if clear and root.exists():
        for folder in root.glob("compiled-*"):
            shutil.rmtree(folder, ignore_errors=True)
        console().print("cleared")


def _rows(table: Any) -> list[dict[str, Any]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]
