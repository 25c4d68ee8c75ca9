"""The commands ``freeze`` and ``score``: forecasts that could fail, and how they did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.labels import dated
from ..scenarios.language import _, later, written
from ..sim.errors import UserError
from . import wording
from .options import (
    LARGEST_SEED,
    MOST_DRAWS,
    MOST_RUNS,
    MOST_YEARS,
    PLAN_START,
    Draws,
    Json,
    Labour,
    Posterior,
    Replications,
    Seed,
    Workers,
    Years,
    whole,
    within,
)
from .terminal import console, print_json, progress, start_month, write_file

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.experiment import Inputs, Plan

PAST, FUTURE = "historical", "continued"
FORECASTS = Path("forecasts.json")
LAST_IMPOSED = 2018
"""The last year of which history tells the model what was done: what comes later is forecast."""
HEADS = (
    *(later("figure"), later("period"), later("unit"), later("published"), later("forecast"), later("95 % from")),
    *(later("to"), later("in 50 %"), later("in 80 %"), later("in 95 %"), "CRPS", later("log score")),
)
"""Heads of the table of scores."""
PLACES = {"share": 3}
"""Decimals that are printed, by unit; one by default."""


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(freeze)
    app.command()(score)


def freeze(
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day they are frozen: today's.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where they are written.")] = FORECASTS,
    since: Annotated[
        int, typer.Option("--since", parser=whole, metavar="YEAR", help="First year that is forecast, 2019 or later.")
    ] = LAST_IMPOSED + 1,
    years: Years = 5,
    draws: Draws = 100,
    replications: Replications = 2,
    seed: Seed = 1,
    posterior: Posterior = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    workers: Workers = None,
) -> None:
    """Freeze forecasts of AGRs started, active share, placements and cooperatives: dated, hashed, with intervals.

    They are of figures that no fit used: since 2019 as history went on, from 2026 under today's strategy. The fit
    itself is weighed by a survey of June 2020 on who works (L001).

    Example: idmaj freeze --date 2026-01-15 --out forecasts.json
    """
    start = start_month(PLAN_START)
    for option, value, low, high in (
        ("--since", since, LAST_IMPOSED + 1, 2006 + start // 12 + years),
        ("--years", years, 1, MOST_YEARS),
        ("--draws", draws, 1, MOST_DRAWS),
        ("--replications", replications, 1, MOST_RUNS),
        ("--seed", seed, 0, LARGEST_SEED),
    ):
        within(option, value, low, high)
    labour = Labour(workers)
    labour.check()
    from ..calibration.freeze import check_day, frozen_text, read_frozen, yearly

    check_day(date)
    if out.exists() and not force:
        raise UserError("{out}: found a file of that name, accepted a new name; to replace it add --force", out=out)
    from ..calibration.knowledge import check_fit
    from ..scenarios.experiment import Plan, prepare
    from ..scenarios.provenance import inputs_of, provenance_of
    from ..scenarios.strategies import load

    if posterior is not None:
        check_fit(posterior)
    numbers = start, years, draws, replications, seed
    plan = Plan((load(FUTURE),), load(PAST), *numbers, traces=True, posterior=posterior)
    inputs = prepare(plan)
    versions = {key: value for key, value in provenance_of(inputs).items() if key not in ("code", "country")}
    asked = f"--since {since} --years {years} --draws {draws} --replications {replications} --seed {seed}"
    asked += f" --posterior {posterior}" if posterior is not None else ""
    about = inputs_of(inputs) | versions | {"command": f"idmaj freeze --date {date} {asked}"}
    months = _monthly(plan, inputs, labour)
    text = frozen_text(yearly(months, 12 * (since - 2007)), date, about)
    write_file(out, text, force)
    hashed = read_frozen(out).sha256
    about = {"file": str(out), "date": date, "hash": hashed}
    console().print(
        _("Wrote {file}: frozen on {date}. When figures come out: idmaj score {file} --against FILE.toml", **about)
    )
    console().print(_("sha256 {hash}: publish it today, so that nobody can say the forecasts were mended.", **about))


def score(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Forecasts that idmaj freeze wrote.")],
    against: Annotated[
        Path, typer.Option("--against", metavar="DATA", help="Published figures (idmaj data schema figures).")
    ],
    as_json: Json = False,
) -> None:
    """Score frozen forecasts by figures published since: intervals that held, scores, and a plain sentence.

    A figure is scored if its quantity is projects_started, placed, cooperatives_founded or active_share, and its dates
    are a year that was forecast or, of the active share, its last date lies in a month that was.

    Example: idmaj score forecasts.json --against figures.toml
    """
    from ..calibration.freeze import frozen_says, read_frozen, score_frozen
    from ..calibration.published import read_published

    frozen, published = read_frozen(file), read_published(against)
    scored = score_frozen(frozen, published)
    says = frozen_says(scored, len(published))
    if as_json:
        rows = [{str(key): _plain(value) for key, value in row.items()} for row in scored.to_dict("records")]
        print_json({"made": frozen.made.isoformat(), "sha256": frozen.sha256, "figures": rows, "says": says})
        return
    screen = console()
    about = {"file": file, "date": frozen.made.isoformat(), "hash": frozen.sha256[:12]}
    screen.print(_("{file}: frozen on {date}, sha256 {hash}.", **about) + "\n", soft_wrap=True)
    if len(scored):
        screen.print(_shown(scored).to_string(index=False))
        screen.print()
    for each in says:
        screen.print(each, soft_wrap=True)


def _monthly(plan: Plan, inputs: Inputs, labour: Labour) -> pd.DataFrame:
    """Live the runs of a plan and return the months of the figures that are frozen."""
    import pandas as pd

    from ..calibration.freeze import FIGURES
    from ..scenarios.runs import MONTHLY, Lives
    from ..sim.ensemble import Chunk, Tables, chunks_of, run_chunks

    columns = ["draw", "replication", "month", *(figure.name for figure in FIGURES)]
    found: dict[Chunk, pd.DataFrame] = {}
    with progress(later("Simulating"), plan.runs) as advance:

        def keep(chunk: Chunk, tables: Tables) -> None:
            found[chunk] = tables[MONTHLY][columns]
            advance(sum(each.count for each in found), plan.runs)

        chunks = chunks_of(plan.draws, plan.replications)
        for failure in run_chunks(Lives.of(plan, inputs), chunks, labour.crew(), keep):
            raise RuntimeError(f"draw {failure.chunk.draw} of seed {plan.seed}: {failure.error}")
    return pd.concat([found[chunk] for chunk in sorted(found)], ignore_index=True)


def _shown(scored: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for row in scored.to_dict("records"):
        period = dated(int(row["first"]))
        if row["last"] != row["first"]:
            period = wording.span(period, dated(int(row["last"])))
        unit = str(row["unit"])
        digits = PLACES.get(unit, 1)
        numbers = [written(f"{row[name]:,.{digits}f}") for name in ("published", "mean", "low", "high")]
        inside = [_("yes") if row[f"inside_{level}"] else _("no") for level in (50, 80, 95)]
        scores = written(f"{row['crps']:.3g}"), written(f"{row['log']:.2f}")
        rows.append((row["figure"], period, _(unit), *numbers, *inside, *scores))
    return pd.DataFrame(rows, columns=[_(head) for head in HEADS])


def _plain(value: Any) -> Any:
    """Return a number as JSON knows it; none where it is not finite."""
    import math

    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
