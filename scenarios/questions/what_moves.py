"""Which assumptions an answer hangs on: a bar for each, and the length below which a bar is noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import OUTCOMES, UserError
from ...sim.params import NUMBERS
from ...sim.policy import key_of
from ...sim.settings import LEVERS
from ...sim.strategy_words import did_you_mean
from ..decisions.sizing import plain
from ..decisions.tornado import FIFTH, from_draws
from ..experiment import Plan
from ..results import Experiment
from ..shelf import PARAMETERS
from .answer import Answer, Runner, Table
from .size import Ladder

BARS = "What moves it most"
SAID = 3
"""Assumptions that the sentence names."""


def check_outcome(outcome: str) -> None:
    """Refuse an outcome that there is not, or that is a ratio, whose mean over draws is none of a draw's."""
    if outcome not in OUTCOMES:
        near = did_you_mean(outcome, OUTCOMES) or f"one of: {', '.join(OUTCOMES)}"
        raise UserError(f"--outcome: found {outcome!r}, accepted {near}")


def assumptions_of(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters of each draw as numbers: of one that is a word, a column a word, 1 where it holds."""
    columns = {}
    for name in parameters.columns.drop("draw"):
        values = parameters[name]
        if pd.api.types.is_numeric_dtype(values):
            columns[name] = values.astype(np.float64)
        elif values.nunique() > 1:
            columns |= {f"{name} = {word}": (values == word).astype(np.float64) for word in sorted(values.unique())}
    return pd.DataFrame(columns)


def what_moves(plan: Plan, outcome: str, run: Runner) -> Answer:
    """Answer which assumptions move an outcome of one strategy, or the difference between two.

    Parameters
    ----------
    plan : Plan
        Of one strategy; or of two, the baseline first.
    outcome : str
    run : Runner

    Raises
    ------
    UserError
        If there is no such outcome, or draws are too few (`decisions.tornado`).
    """
    check_outcome(outcome)
    study = run(plan)
    answer = answers_of(study, outcome)
    parameters = pd.read_csv(study.store.folder / PARAMETERS).set_index("draw", drop=False).loc[answer.index]
    bars = from_draws(assumptions_of(parameters.reset_index(drop=True)), answer.to_numpy(dtype=np.float64), plan.seed)
    return told(study, outcome, bars.assign(words=[in_words(name) for name in bars["assumption"]]), answer)


def answers_of(study: Experiment, outcome: str) -> pd.Series[float]:
    """Return an outcome, or its difference from the baseline, in each draw that has one: its mean over luck."""
    ends = study.ends([outcome]).pivot(index=["draw", "replication"], columns="strategy", values="value")
    keys = study.plan.keys
    value = ends[keys[-1]] - ends[keys[0]] if len(keys) > 1 else ends[keys[0]]
    return value.groupby("draw").mean().dropna()


def in_words(name: str) -> str:
    """Return what an assumption is about: its name and meaning."""
    plain_name, _, word = name.partition(" = ")
    meaning = NUMBERS[plain_name].meaning if plain_name in NUMBERS else plain_name.replace("_", " ")
    return f"{meaning}: {word.replace('_', '-')}" if word else meaning


def basis_of(name: str) -> str:
    """Return what the prior of an assumption rests on."""
    plain_name = name.partition(" = ")[0]
    return NUMBERS[plain_name].basis if plain_name in NUMBERS else "judgement"


def told(study: Experiment, outcome: str, bars: pd.DataFrame, answer: pd.Series[float]) -> Answer:
    """Put the bars of an outcome, or of a difference in it, into words and a table."""
    names = [strategy.name for strategy in study.plan.strategies]
    what, unit, label = f"{outcome} after {study.plan.years} years", OUTCOMES[outcome].unit, outcome
    if len(names) > 1:
        what, label = f"the difference in {what}, '{names[1]}' less '{names[0]}'", f"Difference in {outcome}"
    else:
        what = f"{what} under '{names[0]}'"
    return _answer(what, unit, label, bars, answer, study, (study,), {"outcome": outcome})


def _answer(
    what: str,
    unit: str,
    label: str,
    bars: pd.DataFrame,
    answer: pd.Series[float],
    study: Experiment,
    studies: tuple[Experiment, ...],
    facts: dict[str, object],
    mind: tuple[str, ...] = (),
) -> Answer:
    replications = study.plan.replications
    luck = "one course of luck" if replications == 1 else f"{replications} courses of luck"
    return Answer(
        f"Which assumptions move {what}?",
        sentence(bars, unit, len(answer)),
        facts
        | {
            "unit": unit,
            "label": f"{label} ({unit})",
            "mean": float(answer.mean()),
            "floor": float(bars["floor"].iloc[0]),
            "named": list(bars.loc[bars["named"], "assumption"]),
            "draws": len(answer),
        },
        (table(bars, unit),),
        (
            f"{study.plan.draws} draws of what nobody knows exactly, {luck} each, the same people and luck throughout.",
            f"{len(bars)} assumptions; each bar compares the fifth of the draws where one is highest with that where "
            "it is lowest, all others left to vary.",
            "The floor: where the answer is shuffled over the draws, the longest bar is shorter 95 times of 100.",
        ),
        (*mind, *_mind(study, len(answer))),
        studies,
    )


def what_moves_size(ladder: Ladder) -> Answer:
    """Answer which assumptions move the size that each world needs to meet all targets from there on.

    Parameters
    ----------
    ladder : Ladder
        From `size`; all its sizes are run in all worlds.

    Raises
    ------
    UserError
        If no size of the range is enough in more than a fifth of the worlds: the highest fifth would be unknown.
    """
    needed = least_sizes(ladder)
    beyond = float(np.mean(np.isinf(needed)))
    most = ladder.grid[-1]
    if beyond > FIFTH:
        found = f"no size up to {plain(most)} is enough in {beyond:.0%} of worlds"
        raise UserError(f"--to: found that {found}; accepted at most {FIFTH:.0%}: a wider range or an easier target")
    study = ladder.baseline
    parameters = pd.read_csv(study.store.folder / PARAMETERS)
    answer = pd.Series(np.minimum(needed, most))
    bars = from_draws(assumptions_of(parameters), answer.to_numpy(dtype=np.float64), ladder.plan.seed)
    bars = bars.assign(words=[in_words(name) for name in bars["assumption"]])
    name, asked = key_of(ladder.column), " and ".join(str(target) for target in ladder.targets)
    what = f"the {name} that '{ladder.strategy.name}' needs for {asked}"
    mind = (
        (f"In {beyond:.0%} of worlds no size is enough; they count as {plain(most)}, the largest.",) if beyond else ()
    )
    facts = {"lever": name, "targets": [str(target) for target in ladder.targets], "beyond": beyond}
    unit = LEVERS[ladder.column].unit
    return _answer(what, unit, f"Least {name}", bars, answer, study, tuple(ladder.studies), facts, mind)


def least_sizes(ladder: Ladder) -> NDArray[np.float64]:
    """Return the size in each world from which on all targets are met; infinite where the largest is not enough."""
    worlds = np.arange(ladder.plan.draws)
    met = np.stack([np.all(ladder(float(size), worlds) >= 0, axis=1) for size in ladder.grid], axis=1)
    places = np.where(~met, np.arange(1, ladder.grid.size + 1), 0).max(axis=1)
    return np.append(ladder.grid, np.inf)[places]


def table(bars: pd.DataFrame, unit: str) -> Table:
    """Return the bars as a table of an answer."""
    rows = bars.assign(basis=[basis_of(name) for name in bars["assumption"]])
    front = ["assumption", "words"]
    meaning = f"The answer ({unit}) where an assumption is in its lowest and in its highest fifth, the swing between "
    meaning += (
        "them with its 95 % interval, and the floor a swing must pass to be named. Basis: what its range rests on."
    )
    return Table(BARS, meaning, rows[[*front, *(name for name in rows if name not in front)]])


def sentence(bars: pd.DataFrame, unit: str, draws: int) -> str:
    """Say which assumptions move the answer most and by how much, or that none can be told from noise."""
    base, floor = plain(float(bars["base"].iloc[0])), plain(float(bars["floor"].iloc[0]))
    named = bars[bars["named"]]
    if named.empty:
        longest = plain(abs(float(bars["swing"].iloc[0])))
        said = (
            f"None can be told from noise by {draws} draws: the longest bar is {longest}, and noise alone gives up to"
        )
        return f"{said} {floor} {unit}. On average it is {base} {unit}."
    parts = []
    for row in named.head(SAID).itertuples():
        span = f"{plain(row.swing)}, {plain(row.swing_low)} to {plain(row.swing_high)}"
        parts.append(f"{row.words[:1].lower()}{row.words[1:]} ({span})")
    more = f"; and {len(named) - SAID} more" if len(named) > SAID else ""
    said = f"On average it is {base} {unit}. What moves it most, from lowest to highest fifth, with 95 % interval: "
    said += f"{'; '.join(parts)}{more}."
    return f"{said} Shorter than {floor} is noise: {len(bars) - len(named)} of {len(bars)} assumptions are."


def _mind(study: Experiment, draws: int) -> tuple[str, ...]:
    said = [
        "In draws of a fit assumptions go together: a bar holds what goes with its assumption, not what it does alone.",
        "An effect that rises and falls again has no bar, and what the model leaves out has none either.",
    ]
    if draws < study.plan.draws:
        said.append(f"{study.plan.draws - draws} of {study.plan.draws} draws have no such outcome and are left out.")
    if study.plan.replications == 1:
        said.append("One course of luck a draw: luck is in every bar, and the floor is high; --replications lowers it.")
    return tuple(said)
