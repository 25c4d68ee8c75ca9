"""Calibrate: read the evidence, choose an engine, fit every structure, and say what was done.

Registers and cohort tables have an exact likelihood, which is sampled; published shares alone weigh prior draws.
Both together: the likelihood first, then its draws are weighed by the shares. Figures that no formula gives, such as
savings or capital, are compared with whole runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..sim.ensemble import Crew, threads
from ..sim.errors import UserError, worded
from ..sim.params import NUMBERS, Number
from . import register, reweight
from .bridge import bridge_staleness
from .by_table import by_table
from .cohorts import cohorts_of
from .data_check import kind_of
from .diagnostics import ess_weights
from .likelihood import Structure
from .observed import HEADS, Figures, bundled_figures, figures_of, heads_at_work
from .posterior import Fitted, Posterior
from .prior_files import laid_over, read_prior_file
from .priors import SCALES
from .published import published_of, read_published
from .reading import text_at
from .reference_table import FEWEST_RUNS, RUNS, minutes_of
from .rows import Rows, lives_of_cohorts, lives_of_spells, rows_of
from .sampler import LEAST_ESS, MOST_BLOCKS, MOST_R_HAT, WARM_UP, Course
from .shares import ACTIVE_SHARE, Share, readings_of
from .spells import spells_of

PUBLISHED = "published"
"""The word for the published evidence that comes with idmaj."""
ENGINES = ("auto", "likelihood", "reweighting", "table")
DRAWS, COARSE_DRAWS = 20_000, 2_500
"""Prior draws of each structure that are weighed."""
COARSE_BLOCKS = WARM_UP + 4
"""Blocks of steps of a coarse fit to a register, at most."""
WANTED = 4000
"""Posterior draws of each structure."""
FEWEST_FOLDS = 3
FEW_ENDINGS = 20
"""Fewer give the level of failure to no better than half of itself."""
MOST_K_HAT = 0.7
NO_READINGS = pd.DataFrame(columns=["figure", "reading", "chance"])
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Asked:
    """What is to be calibrated.

    Attributes
    ----------
    data : tuple of str
        Files of spells, cohorts or figures, or "published"; each may hold several joined by ``+``.
    targets : Path or None
        A file of published figures in place of the bundled one.
    priors : Path or None
        A file of priors of one's own.
    every_structure : bool
        All five hazard families, not three.
    draws : int
        Prior draws of each structure, where they are weighed; 0 for as many as usual.
    seed : int
    engine : {"auto", "likelihood", "reweighting", "table"}
    runs : int or None
        Whole runs of the reference table, where that is used; None for as many as usual.
    quick : bool
        Coarse: an eighth of the prior draws, a tenth of the whole runs, chains that are short.
    """

    data: tuple[str, ...] = (PUBLISHED,)
    targets: Path | None = None
    priors: Path | None = None
    every_structure: bool = False
    draws: int = 0
    seed: int = 2017
    engine: str = "auto"
    runs: int | None = None
    quick: bool = False

    @property
    def weighed(self) -> int:
        """Prior draws of each structure that are weighed."""
        return self.draws or (COARSE_DRAWS if self.quick else DRAWS)

    @property
    def lived(self) -> int:
        """Whole runs of the reference table."""
        return self.runs or (FEWEST_RUNS if self.quick else RUNS)

    def command(self) -> str:
        """Return the command that does the same again."""
        words = ["idmaj calibrate", *(f"--data {each}" for each in self.data)]
        words += [f"--targets {self.targets}"] if self.targets else []
        words += [f"--priors {self.priors}"] if self.priors else []
        words += ["--structures all"] if self.every_structure else []
        words += [f"--engine {self.engine}"] if self.engine != "auto" else []
        words += ["--quick"] if self.quick else []
        words += [f"--runs {self.runs}"] if self.runs else []
        words += [f"--draws {self.draws}"] if self.draws else []
        return " ".join([*words, f"--seed {self.seed}"])


@dataclass(frozen=True)
class Evidence:
    """What was read: lives of registers and cohorts (maybe none), published figures, and what to say of them."""

    lives: pd.DataFrame
    figures: Figures
    notes: tuple[str, ...]

    @property
    def shares(self) -> tuple[Share, ...]:
        """Published shares that a closed form gives."""
        return self.figures.shares


def read_evidence(asked: Asked) -> Evidence:
    """Read all evidence that was named.

    Raises
    ------
    UserError
        If a file cannot be read, is none of spells, cohorts and figures, or nothing was named.
    """
    lives, figures, known = [], Figures(), dict[tuple[str, str], str]()
    named = [part for each in asked.data for part in each.split("+")]
    for name in named:
        if name == PUBLISHED:
            figures = figures if asked.targets else figures.plus(bundled_figures())
            continue
        text = text_at(name)
        kind = kind_of(name, text)
        if kind == "spells":
            spells = spells_of(name, text)
            _refuse_twice(name, spells, known)
            lives.append(lives_of_spells(spells).assign(file=name))
        elif kind == "cohorts":
            if named.count(name) > 1:
                raise UserError("--data: found {name} twice; accepted each file once", name=name)
            lives.append(lives_of_cohorts(cohorts_of(name, text)).assign(file=name))
        elif kind == "figures":
            figures = figures.plus(figures_of(published_of(name, text), name))
        else:
            accepted = worded("spells, cohorts or figures, or --priors {name}", name=name)
            raise UserError("--data: {name} holds priors; accepted {accepted}", name=name, accepted=accepted)
    if asked.targets:
        figures = figures.plus(figures_of(read_published(asked.targets), str(asked.targets)))
    if not lives and figures == Figures():
        raise UserError(
            "--data: found nothing to fit; accepted files of spells, cohorts or figures, or {published!r}",
            published=PUBLISHED,
        )
    table = pd.concat(lives, ignore_index=True) if lives else pd.DataFrame()
    if lives:
        table["owner"] = table.pop("file") + " " + table["owner"].astype(str)
    unused = "is not used: beside spells and cohorts only shares that a closed form gives are"
    notes = [*figures.notes, *(f"{each} {unused}" for each in figures.latent if lives)]
    if lives and PUBLISHED in named:
        notes.append(
            "the published 53.7 % counts AGRs of the programme up to May 2017: those that your data hold, too, are "
            "used twice"
        )
    return Evidence(table, figures, tuple(notes))


def _refuse_twice(name: str, spells: pd.DataFrame, known: dict[tuple[str, str], str]) -> None:
    """Refuse a file that holds an AGR of one read before: the same id of the same source would count as two lives."""
    keys = list(zip(spells["source"], spells["id"], strict=True))
    for source, number in keys:
        if (source, number) in known:
            both = worded("{known} and in {name}", known=known[source, number], name=name)
            which = worded("AGR {number} of source {source!r}", number=number, source=source)
            raise UserError("--data: found {which} in {both}; accepted it once", which=which, both=both)
    known |= dict.fromkeys(keys, name)


def engine_of(asked: Asked, evidence: Evidence) -> tuple[str, str]:
    """Return the engine and why it was chosen; UserError if the one that was asked for cannot be used."""
    if asked.engine not in ENGINES:
        raise UserError("--engine: found {engine}; accepted {names}", engine=asked.engine, names=", ".join(ENGINES))
    many, latent = len(evidence.lives), ", ".join(evidence.figures.latent)
    if asked.engine == "likelihood" and not many:
        raise UserError("--engine likelihood: found only published shares; accepted with spells or cohorts (--data)")
    if asked.engine in ("reweighting", "table") and many:
        raise UserError(
            "--engine {engine}: found spells or cohorts; accepted with published figures alone", engine=asked.engine
        )
    if asked.engine == "reweighting" and latent:
        raise UserError(
            "--engine reweighting: found {latent}, which no closed form gives; accepted --engine table", latent=latent
        )
    if asked.engine == "table" or (asked.engine == "auto" and latent and not many):
        _check_table(asked, evidence)
        why = f"no closed form gives {latent}: whole runs do" if latent else "it was asked for"
        return "table", f"{why} (learned summaries of {asked.lived:,} runs, the nearest of them adjusted)"
    if asked.runs is not None:
        raise UserError("--runs: found it without --engine table; accepted with it")
    if many:
        return "likelihood", "spells or cohort tables have an exact likelihood, sampled by Metropolis chains"
    return "reweighting", "published shares alone: prior draws are weighed, with survival by closed form"


def _check_table(asked: Asked, evidence: Evidence) -> None:
    """Refuse figures that no run shows, and tables that are too small."""
    if evidence.figures.unseen:
        raise UserError(
            "--engine table: found figures that runs do not show: {names}", names="; ".join(evidence.figures.unseen)
        )
    if asked.runs is not None and asked.runs < FEWEST_RUNS:
        least, usual = minutes_of(FEWEST_RUNS), minutes_of(RUNS)
        least = worded("{fewest:,} or more ({least}; the usual: {usual})", fewest=FEWEST_RUNS, least=least, usual=usual)
        raise UserError("--runs: found {runs} with --engine table; accepted {least}", runs=asked.runs, least=least)


@dataclass(frozen=True)
class Ready:
    """What was asked, read and found usable: evidence, priors, the engine and why it is that one."""

    evidence: Evidence
    numbers: dict[str, Number]
    engine: str
    why: str


def prepare(asked: Asked) -> Ready:
    """Read everything that was named, before anything is written or computed; UserError where that fails."""
    evidence = read_evidence(asked)
    numbers = laid_over(read_prior_file(asked.priors)) if asked.priors else dict(NUMBERS)
    return Ready(evidence, numbers, *engine_of(asked, evidence))


def calibrate(
    asked: Asked,
    folder: Path | None = None,
    crew: Crew | None = None,
    on_progress: Progress | None = None,
    ready: Ready | None = None,
) -> Posterior:
    """Fit every structure to the evidence.

    Parameters
    ----------
    asked : Asked
    folder : Path, optional
        Where chains are kept, so that a calibration that was stopped goes on.
    crew : Crew, optional
    on_progress : callable, optional
        Told what is being done, how much of it is, and of how much.
    ready : Ready, optional
        What `prepare` returned, where that was called before.

    Raises
    ------
    UserError
        If the evidence or the priors cannot be read, or agree with nothing.
    """
    ready = ready or prepare(asked)
    evidence, numbers = ready.evidence, ready.numbers
    tell = on_progress or (lambda doing, done, total: None)
    structures = reweight.structures_of(asked.every_structure)
    fit = {"likelihood": _by_likelihood, "reweighting": _by_reweighting, "table": _by_table}[ready.engine]
    fitted, weighing, readings, said = fit(asked, evidence, structures, numbers, crew or threads(), folder, tell)
    stale = bridge_staleness() if ready.engine != "table" else ""
    notes = (*evidence.notes, *said, *([stale] if stale else []))
    ways = readings_of(evidence.shares, readings)
    return Posterior(tuple(fitted), numbers, ready.engine, ready.why, weighing, ways, notes)


Found = tuple[list[Fitted], str, pd.DataFrame, list[str]]


def _by_reweighting(
    asked: Asked, evidence: Evidence, structures: Sequence[Structure], numbers: dict[str, Number], crew: Crew,
    folder: Path | None, tell: Progress,
) -> Found:  # fmt: skip
    work = reweight.Reweighing(tuple(structures), numbers, evidence.shares, asked.seed)
    done = reweight.reweigh(work, asked.weighed, WANTED, crew, lambda n, of: tell("weighing prior draws", n, of))
    equal = 1.0 / len(structures)
    fitted, notes = [], []
    for k, (structure, each) in enumerate(zip(structures, done, strict=True)):
        p_value = reweight.agreement(work.params(k, 0), evidence.shares)
        fitted.append(Fitted(structure, equal, each.params, each.log_evidence, p_value, each.k_hat, each.ess))
        notes += _trust(structure, each.k_hat, each.ess)
    scores = [each.log_score for each in fitted]
    said = f"their log evidence differs by {max(scores) - min(scores):.2f}: the shares cannot tell them apart"
    weighing = f"structures weigh the same: published shares hold no cohort out by which to judge them; {said}"
    readings = pd.concat([each.readings for each in done])
    notes.append("work: the survey of heads at work (L001) weighs all draws, by what whole runs say of it")
    return fitted, weighing, readings, notes


def _by_table(
    asked: Asked, evidence: Evidence, structures: Sequence[Structure], numbers: dict[str, Number], crew: Crew,
    folder: Path | None, tell: Progress,
) -> Found:  # fmt: skip
    asks_heads = any(each.of.name == HEADS for each in evidence.figures.observed)
    observed = evidence.figures.observed if asks_heads else (*evidence.figures.observed, heads_at_work())
    found = by_table(asked.lived, observed, structures, numbers, asked.seed, crew, tell)
    if asked.lived < RUNS:
        found[3].append(f"a table of fewer than {RUNS:,} runs is coarse; {minutes_of(RUNS, crew.workers, str.format)}")
    others = [share.id for share in evidence.shares if share.id != ACTIVE_SHARE]
    if others:
        found[3].append(f"{', '.join(others)}: whole runs replay the intake of the programme, not that of the figures")
    return found


def _by_likelihood(
    asked: Asked, evidence: Evidence, structures: Sequence[Structure], numbers: dict[str, Number], crew: Crew,
    folder: Path | None, tell: Progress,
) -> Found:  # fmt: skip
    rows, most = rows_of(evidence.lives), COARSE_BLOCKS if asked.quick else MOST_BLOCKS
    done, logs, notes, readings = [], [], [*rows.notes, *few_endings(rows)], []
    for structure in structures:
        likelihood = register.likelihood_of(rows, structure, numbers, asked.seed)

        def on_block(course: Course, structure: Structure = structure) -> None:
            tell(f"sampling: {structure.name}", course.blocks, most)

        each = register.fit_register(likelihood, numbers, WANTED, asked.seed, folder, crew.workers, on_block, most)
        k_hat, ess = float("nan"), float("nan")
        if evidence.shares:
            log_weight, ways = reweight.weigh(each.params, evidence.shares, heads=False)
            readings.append(reweight.chances_of(ways))
            if not np.isfinite(log_weight).any():
                raise UserError(
                    "{name}: the register and the shares contradict each other; accepted either", name=structure.name
                )
            each, k_hat = register.with_shares(each, log_weight, asked.seed)
            ess = ess_weights(log_weight)
            notes += _trust(structure, k_hat, ess)
        if not each.course.enough:
            wanted = f"R-hat below {MOST_R_HAT}, {LEAST_ESS:.0f} draws"
            notes.append(f"{structure.name}: chains are not long enough ({wanted})")
        done.append(each)
        logs.append((k_hat, ess))
    held_out = np.array([each.held_out for each in done])
    weights, weighing = _weigh_structures(held_out, done, asked.seed)
    fitted = [
        Fitted(s, float(w), each.params, float(each.held_out.sum()), each.p_value, *trust, *_of_chains(each))
        for s, w, each, trust in zip(structures, weights, done, logs, strict=True)
    ]
    notes.append("what the register does not speak of keeps its prior, weighed by the survey of heads at work (L001)")
    return fitted, weighing, pd.concat(readings) if readings else NO_READINGS, notes


def few_endings(rows: Rows) -> list[str]:
    """Say so where a register holds too few endings to learn much from."""
    endings = round(float(register.endings_seen(rows).sum()))
    if endings >= FEW_ENDINGS:
        return []
    return [f"few endings to learn from ({endings}): nearly all of what this fit says is its priors"]


def _weigh_structures(held_out: np.ndarray, done: Sequence[register.Registered], seed: int) -> tuple[np.ndarray, str]:
    """Return the weights of structures, and how they were found, in words."""
    equal = np.full(len(held_out), 1.0 / len(held_out))
    k_hat = float(np.max([each.k_hat for each in done]))  # one that is unknown makes it so
    if held_out.shape[1] < FEWEST_FOLDS:
        return equal, f"structures weigh the same: fewer than {FEWEST_FOLDS} groups of cohorts to hold out"
    if not all(each.course.enough for each in done):
        return equal, "structures weigh the same: chains are not long enough to compare them by"
    if not (k_hat <= MOST_K_HAT and np.isfinite(held_out).all()):
        why = f"cohorts are too few to hold one out by weights (k-hat {k_hat:.2f}, at most {MOST_K_HAT})"
        return equal, f"structures weigh the same: {why}"
    best, least = held_out.sum(axis=1).max(), held_out.sum(axis=1).min()
    found = f"by pseudo-BMA+ on {held_out.shape[1]} groups of cohorts, each held out in turn"
    return register.weights_of(held_out, seed), f"{found}; their log scores differ by {best - least:.1f}"


def _trust(structure: Structure, k_hat: float, ess: float) -> list[str]:
    if k_hat <= MOST_K_HAT and ess >= LEAST_ESS:
        return []
    return [f"{structure.name}: weights are not to be trusted (k-hat {k_hat:.2f}, worth {ess:.0f} draws)"]


def _of_chains(each: register.Registered) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how the chains of each coordinate mixed, and those that are no numbers of the model."""
    likelihood, draws = each.likelihood, each.course.draws
    names = list(likelihood.names)
    mixed = pd.DataFrame(dict(zip(("r_hat", "bulk_ess", "tail_ess"), each.course.diagnosis, strict=True)), index=names)
    rows = []
    for k, name in enumerate(names):
        if name not in NUMBERS:
            number = likelihood.numbers[name]
            back = SCALES[number.shape][1]
            interval = [float(back(x)) for x in np.quantile(draws[:, k], [0.05, 0.5, 0.95])]
            rows.append((name, number.unit, number.low, number.median, number.high, *interval))
    columns = ["parameter", "unit", "prior_low", "prior_median", "prior_high", "low", "median", "high"]
    return mixed, pd.DataFrame(rows, columns=columns)
