"""Which numbers move an answer, over the whole of what they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ...sim import NUMBERS, OUTCOMES, UserError
from ...sim.kinds import HazardFamily
from ...sim.params import Number
from ...sim.strategy_words import did_you_mean
from ..decisions.sensitivity import (
    FEWEST_BASE,
    FEWEST_TRAJECTORIES,
    LUCK,
    Design,
    indices,
    morris_design,
    screen,
    sobol_design,
)
from ..labels import meaning_of, within_sentence
from ..language import ENGLISH, _, later, looked_up, lowered, spoken, written
from ..numbers import fixed, plain, signed, span
from .answer import Answer, Table
from .designed import Designed, OnProgress

LEAST = {"morris": FEWEST_TRAJECTORIES, "sobol": FEWEST_BASE}
"""The methods, and the least size of a sample of each."""
NAMED = 5
MOST_OF_SOBOL = 20
"""Numbers at most of a Sobol design (judgement): more take longer than they are worth; screen first."""


def numbers_of(names: Sequence[str], method: str) -> dict[str, Number]:
    """Return the numbers that are to vary, all that have a prior by default.

    Raises
    ------
    UserError
        If a name is none of theirs, or a Sobol design would have too many.
    """
    able = {name: each for name, each in NUMBERS.items() if each.shape != "fixed" or each.kind is HazardFamily}
    for name in names:
        if name not in able:
            what = _("a number that is fixed") if name in NUMBERS else f"{name!r}"
            near = did_you_mean(name, able) or _("idmaj explain lists them")
            raise UserError(
                "--numbers: found {what}, accepted names of numbers with a prior; {near}", what=what, near=near
            )
    if len(set(names)) < len(names):
        raise UserError("--numbers: found one twice, accepted each once")
    if method == "sobol" and not 1 <= len(names) <= MOST_OF_SOBOL:
        raise UserError(
            "--numbers: found {count}, accepted 1 to {most_of_sobol} with --method sobol; which matter "
            "is told by --method morris",
            count=len(names) or _("none"),
            most_of_sobol=MOST_OF_SOBOL,
        )
    return {name: able[name] for name in names} if names else able


def too_small(method: str, size: int, factors: int) -> tuple[str, int] | None:
    """Return why a sample is too small or no power of two, and how many runs one takes that will do; else None."""
    if method == "morris":
        fits, runs = size >= FEWEST_TRAJECTORIES, FEWEST_TRAJECTORIES * (factors + 2)
        said = f"--trajectories: found {size}, accepted {FEWEST_TRAJECTORIES} or more"
    else:
        needed = max(FEWEST_BASE, 1 << max(0, size - 1).bit_length())
        fits, runs = size == needed, needed * (factors + 3)
        said = f"--base: found {size}, accepted a power of two of {FEWEST_BASE:,} or more: {needed:,} will do"
    return None if fits else (said, runs)


def design_of(method: str, numbers: Mapping[str, Number], size: int, seed: int) -> Design:
    """Return the runs that a method asks for."""
    return morris_design(numbers, size, seed) if method == "morris" else sobol_design(numbers, size, seed)


def what_moves_it(
    work: Designed, design: Design, workers: int | None = None, on_progress: OnProgress | None = None
) -> Answer:
    """Say which numbers move an answer: by Morris' screening, or by Sobol's indices.

    Parameters
    ----------
    work : Designed
        The runs of that design.
    design : Design
    workers : int, optional
    on_progress : callable, optional
        Called with (runs done, runs in all).
    """
    values = work.answers(workers, on_progress)
    names = [strategy.name for strategy in work.plan.strategies]
    item, about = OUTCOMES[work.outcome], {"outcome": within_sentence(work.outcome), "strategy": looked_up(names[0])}
    if len(names) > 1:
        what = _("what '{strategy}' gains on '{other}' in {outcome}", other=looked_up(names[1]), **about)
    else:
        what = _("the outcome of '{strategy}' in {outcome}", **about)
    if design.method == "morris":
        sentence, table, mind, facts = _screened(design, values, item.unit, what)
    else:
        sentence, table, mind, facts = _indexed(design, values, what)
    low, high = pd.Series(values).quantile([0.05, 0.95])
    return Answer(
        _("Which numbers move {what}?", what=what),
        sentence,
        facts | {"method": design.method, "size": design.size, "runs": len(values), "unit": item.unit,
                 "fingerprint": work.fingerprint},
        (table,),
        (
            _(
                "{runs} runs, each with numbers of its own, from all of their priors; all else at its median.",
                runs=written(f"{len(values):,}"),
            ),
            _(
                "Over all runs it is {mean} {unit} on average, 90 % of them between {low} and {high}.",
                mean=plain(values.mean()), unit=_(item.unit), low=plain(low), high=plain(high),
            ),
            _(
                "Luck is one more input ('luck'): a course of it is the mean of {count}. All other runs of a "
                "comparison meet the same luck.",
                count=work.plan.replications,
            ),
        ),
        (
            _(
                "It looks at priors, which are independent, not at a fit; what a fit leaves worth knowing is told by "
                "idmaj worth-knowing."
            ),
            *mind,
        ),
    )  # fmt: skip


def _screened(
    design: Design, values: pd.Series, unit: str, what: str
) -> tuple[str, Table, tuple[str, ...], dict[str, object]]:
    found = screen(design, values)
    luck = float(found.loc[found["factor"] == LUCK, "effect"].iloc[0])
    rows = _described(found).assign(lost_in_luck=(found["effect"] <= luck) & (found["factor"] != LUCK))
    above = found[(found["effect"] > luck) & (found["factor"] != LUCK)]
    told = [f"{said(row.factor)} ({signed(row.mean, _places(row.effect))})" for row in above.head(NAMED).itertuples()]
    lost = int(rows["lost_in_luck"].sum())
    about = {"luck": plain(luck), "lost": lost, "numbers": len(found) - 1}
    if told:
        sentence = _(
            "{what} is moved most by {numbers_named} {unit}, each a mean step across its 90 % range; luck alone moves "
            "it by {luck}, and {lost} of {numbers} numbers by no more than that.",
            what=_upper(what), numbers_named=_named(told), unit=_(unit), **about,
        )  # fmt: skip
    else:
        sentence = _(
            "No number moves {what} more than luck does; luck alone moves it by {luck}, and {lost} of {numbers} "
            "numbers by no more than that.",
            what=what, **about,
        )  # fmt: skip
    table = Table(
        later("Screening (Morris)"),
        _(
            "effect: mean size of a step across a number's 90 % range, with its 95 % interval; mean: with its sign; a "
            "spread as large as the effect tells of curves or interactions."
        ),
        rows,
    )
    mind = (
        _(
            "Screening ranks; shares of the variance of the few that matter are told by {options}",
            options="--method sobol --numbers ...",
        ),
    )
    facts = {"most": list(above["factor"].head(NAMED)), "luck": luck, "lost_in_luck": lost}
    return sentence, table, mind, facts


def _indexed(
    design: Design, values: pd.Series, what: str
) -> tuple[str, Table, tuple[str, ...], dict[str, object]]:
    found = indices(design, values)
    table = found.table
    luck = table[table["factor"] == LUCK].iloc[0]
    told = [
        f"{said(row.factor)} {_percent(row.total)} ({span(_percent(row.total_low), _percent(row.total_high))})"
        for row in table[table["factor"] != LUCK].head(NAMED).itertuples()
    ]
    sentence = _(
        "Of the variance of {what}, interactions included: {numbers}; luck {luck} ({interval}).",
        what=what, numbers=_named(told), luck=_percent(luck["total"]),
        interval=span(_percent(luck["total_low"]), _percent(luck["total_high"])),
    )  # fmt: skip
    sentence = f"{sentence} {found.says}"
    shown = Table(
        later("Shares of the variance (Sobol)"),
        _(
            "first: what would go if the number were known; total: what would stay if all others were; both with "
            "bootstrap 95 % intervals."
        ),
        _described(table),
    )
    facts = {"most": list(table["factor"].head(NAMED)), "enough": found.enough, "needed": found.needed}
    return sentence, shown, () if found.enough else (found.says,), facts


def _described(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with luck called so, and with what each number means and rests on."""
    luck = later("Another course of luck")
    meaning = [NUMBERS[name].meaning if name in NUMBERS else luck for name in table["factor"]]
    basis = [NUMBERS[name].basis if name in NUMBERS else "" for name in table["factor"]]
    named = table.assign(factor=table["factor"].replace(LUCK, later("luck")), meaning=meaning, rests_on=basis)
    return named.rename(columns={"factor": "number"})


def _named(told: Sequence[str]) -> str:
    """Join numbers of the model; what they mean has commas of its own."""
    return ", ".join(told) if spoken() is ENGLISH else _("; ").join(told)


def said(number: str) -> str:
    """Return what a number of the model is called in a sentence: its name in English, else what it means."""
    return number if spoken() is ENGLISH else lowered(meaning_of(number))


def _places(size: float) -> int:
    return 0 if size >= 100 else 1 if size >= 1 else 3


def _percent(share: float) -> str:
    return f"{fixed(100 * min(1.0, max(0.0, share)))} %"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
