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
from ..labels import meaning_of, within_sentence
from ..language import ENGLISH, _, later, looked_up, many, spoken
from ..numbers import fixed, rounded, span
from ..results import Experiment
from ..shelf import PARAMETERS
from .answer import Answer, Runner, Table
from .size import Ladder

BARS = later("What moves it most")
SAID = 3
"""Assumptions that the sentence names."""


def check_outcome(outcome: str) -> None:
    """Refuse an outcome that there is not, or that is a ratio, whose mean over draws is none of a draw's."""
    if outcome not in OUTCOMES:
        near = did_you_mean(outcome, OUTCOMES) or _("one of: {names}", names=", ".join(OUTCOMES))
        raise UserError("--outcome: found {outcome!r}, accepted {near}", outcome=outcome, near=near)


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
    answer = answers_of(study, outcome, plan.keys[-1])
    return told(study, outcome, bars_of(study, answer), answer)


def bars_of(study: Experiment, answer: pd.Series[float]) -> pd.DataFrame:
    """Return what moves an answer that a study gives in each draw: see `decisions.tornado.from_draws`."""
    parameters = pd.read_csv(study.store.folder / PARAMETERS).set_index("draw", drop=False).loc[answer.index]
    assumptions, values = assumptions_of(parameters.reset_index(drop=True)), answer.to_numpy(dtype=np.float64)
    bars = from_draws(assumptions, values, study.plan.seed)
    return bars.assign(words=[in_words(name) for name in bars["assumption"]])


def answers_of(study: Experiment, outcome: str, key: str) -> pd.Series[float]:
    """Return an outcome of a strategy, less the baseline's if it is another, in each draw: its mean over luck."""
    ends = study.ends([outcome]).pivot(index=["draw", "replication"], columns="strategy", values="value")
    base = study.plan.keys[0]
    value = ends[key] - ends[base] if key != base else ends[key]
    return value.groupby("draw").mean().dropna()


def in_words(name: str) -> str:
    """Return what an assumption is about, in the language spoken."""
    plain_name, _equals, word = name.partition(" = ")
    meaning = meaning_of(plain_name) if plain_name in NUMBERS else plain_name.replace("_", " ")
    return _("{name}: {value}", name=meaning, value=_(word.replace("_", "-"))) if word else meaning


def basis_of(name: str) -> str:
    """Return what the prior of an assumption rests on."""
    plain_name = name.partition(" = ")[0]
    return NUMBERS[plain_name].basis if plain_name in NUMBERS else "judgement"


def told(study: Experiment, outcome: str, bars: pd.DataFrame, answer: pd.Series[float]) -> Answer:
    """Put the bars of an outcome, or of a difference in it, into words and a table."""
    names, unit = [looked_up(strategy.name) for strategy in study.plan.strategies], OUTCOMES[outcome].unit
    called = outcome if spoken() is ENGLISH else within_sentence(outcome)
    about = {"outcome": called, "years": study.plan.years}
    if len(names) > 1:
        what = _(
            "the difference in {outcome} after {years} years, '{strategy}' less '{baseline}'",
            strategy=names[1], baseline=names[0], **about,
        )  # fmt: skip
        label = _("Difference in {outcome}", outcome=called)
    else:
        what, label = _("{outcome} after {years} years under '{strategy}'", strategy=names[0], **about), called
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
    return Answer(
        _("Which assumptions move {what}?", what=what),
        sentence(bars, unit, len(answer)),
        facts
        | {
            "unit": unit,
            "label": f"{label} ({_(unit)})",
            "mean": float(answer.mean()),
            "floor": float(bars["floor"].iloc[0]),
            "named": list(bars.loc[bars["named"], "assumption"]),
            "draws": len(answer),
        },
        (table(bars, unit),),
        (
            many(
                "{draws} draws of what nobody knows exactly, one course of luck each, the same people and luck "
                "throughout.",
                "{draws} draws of what nobody knows exactly, {n} courses of luck each, the same people and luck "
                "throughout.",
                replications, draws=study.plan.draws,
            ),
            _(
                "{count} assumptions; each bar compares the fifth of the draws where one is highest with that where it "
                "is lowest, all others left to vary.",
                count=len(bars),
            ),
            _("The floor: where the answer is shuffled over the draws, the longest bar is shorter 95 times of 100."),
        ),
        (*mind, *_mind(study, len(answer))),
        studies,
    )  # fmt: skip


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
        found = _("no size up to {most} is enough in {beyond:.0%} of worlds", most=plain(most), beyond=beyond)
        raise UserError(
            "--to: {found}; accepted at most {fifth:.0%}: a wider range or an easier target",
            found=found,
            fifth=FIFTH,
        )
    study = ladder.baseline
    parameters = pd.read_csv(study.store.folder / PARAMETERS)
    answer = pd.Series(np.minimum(needed, most))
    bars = from_draws(assumptions_of(parameters), answer.to_numpy(dtype=np.float64), ladder.plan.seed)
    bars = bars.assign(words=[in_words(name) for name in bars["assumption"]])
    name = key_of(ladder.column)
    what = _(
        "the {lever} that '{strategy}' needs for {targets}",
        lever=name, strategy=looked_up(ladder.strategy.name), targets=_(" and ").join(map(str, ladder.targets)),
    )  # fmt: skip
    about = {"share": fixed(100 * beyond), "largest": rounded(most)}
    not_enough = _("In {share}% of worlds no size is enough; they count as {largest}, the largest.", **about)
    mind = (not_enough,) if beyond else ()
    facts = {"lever": name, "targets": [str(target) for target in ladder.targets], "beyond": beyond}
    unit = LEVERS[ladder.column].unit
    return _answer(what, unit, _("Least {lever}", lever=name), bars, answer, study, tuple(ladder.studies), facts, mind)


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
    meaning = _(
        "The answer ({unit}) where an assumption is in its lowest and in its highest fifth, the swing between them "
        "with its 95 % interval, and the floor a swing must pass to be named. Basis: what its range rests on.",
        unit=_(unit),
    )
    return Table(BARS, meaning, rows[[*front, *(name for name in rows if name not in front)]])


def sentence(bars: pd.DataFrame, unit: str, draws: int) -> str:
    """Say which assumptions move the answer most and by how much, or that none can be told from noise."""
    about = {"floor": rounded(float(bars["floor"].iloc[0])), "unit": _(unit)}
    base = _("On average it is {mean} {unit}.", mean=rounded(float(bars["base"].iloc[0])), unit=_(unit))
    named = bars[bars["named"]]
    if named.empty:
        said = _(
            "None can be told from noise by {draws} draws: the longest bar is {longest}, and noise alone gives up to "
            "{floor} {unit}.",
            draws=draws, longest=rounded(abs(float(bars["swing"].iloc[0]))), **about,
        )  # fmt: skip
        return f"{said} {base}"
    parts = []
    for row in named.head(SAID).itertuples():
        numbers = _(", ").join([rounded(row.swing), span(rounded(row.swing_low), rounded(row.swing_high))])
        parts.append(f"{row.words[:1].lower()}{row.words[1:]} ({numbers})")
    if len(named) > SAID:
        parts.append(_("and {count} more", count=len(named) - SAID))
    said = _(
        "What moves it most, from lowest to highest fifth, with 95 % interval: {assumptions}. Shorter than {floor} is "
        "noise: {noise} of {count} assumptions are.",
        assumptions=_("; ").join(parts), floor=about["floor"], noise=len(bars) - len(named), count=len(bars),
    )  # fmt: skip
    return f"{base} {said}"


def _mind(study: Experiment, draws: int) -> tuple[str, ...]:
    said = [
        _(
            "In draws of a fit assumptions go together: a bar holds what goes with its assumption, not what it does "
            "alone."
        ),
        _("An effect that rises and falls again has no bar, and what the model leaves out has none either."),
    ]
    if draws < study.plan.draws:
        said.append(
            _(
                "{count} of {draws} draws have no such outcome and are left out.",
                count=study.plan.draws - draws, draws=study.plan.draws,
            )
        )  # fmt: skip
    if study.plan.replications == 1:
        said.append(
            _("One course of luck a draw: luck is in every bar, and the floor is high; --replications lowers it.")
        )
    return tuple(said)
