"""The designs of a front: one strategy with one or two levers at several values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ...sim import UserError
from ...sim.policy import Strategy, differences, idle_settings, in_words, key_of
from ...sim.settings import NEEDS
from ..experiment import Plan
from ..language import _, later
from ..variants import with_levers

Varied = tuple[str, Sequence[float]]
"""A lever's column and the values it is to take."""

MOST_DESIGNS = 64
AS_IT_IS = later("as it is")


@dataclass(frozen=True)
class Design:
    """A strategy with some levers at other values: what it is called, and the values in words by the lever's key."""

    strategy: Strategy
    label: str
    values: Mapping[str, str]


def designs(base: Strategy, levers: Sequence[Varied], plan: Plan) -> list[Design]:
    """Return the strategy as it is, and with every combination of the levers' values, each once.

    Where a lever acts only with a certain word of another (the weight on need with the rule ``mixed``), that is set.

    Raises
    ------
    UserError
        If there are too many designs, or a lever would act on nothing.
    """
    count = 1
    for _column, values in levers:
        count *= len(values)
    if count > MOST_DESIGNS:
        raise UserError(
            "--over, --and: found {count} designs, accepted at most {most_designs}; give fewer values",
            count=count,
            most_designs=MOST_DESIGNS,
        )
    beside = _what_makes_them_act([column for column, _values in levers])
    found = [Design(base, AS_IT_IS, {key_of(column): AS_IT_IS for column, _ in levers})]
    for combination in product(*(values for _column, values in levers)):
        chosen = dict(zip((column for column, _values in levers), combination, strict=True))
        said = {key_of(column): in_words(column, value) for column, value in chosen.items()}
        label = ", ".join(f"{key} = {value}" for key, value in said.items())
        variant = with_levers(base, chosen | beside, f"{base.name}: {label}")
        _refuse_idle(base, variant, chosen, plan)
        if not differences(base, variant, plan.start, plan.months):
            found[0] = Design(base, f"{label} ({AS_IT_IS})", said)  # the strategy is this design already
            continue
        found.append(Design(variant, label, said))
    return found


def _what_makes_them_act(columns: Sequence[str]) -> dict[str, float]:
    """Return the words of other levers without which these act on nothing."""
    needed: dict[str, float] = {}
    for need in NEEDS:
        if need.word is None or need.any_of[0] in columns or not set(need.levers) & set(columns):
            continue
        other = need.any_of[0]
        if needed.get(other, need.word) != need.word:
            both = _(
                "{key} = {value} and {wanted}",
                key=key_of(other),
                value=in_words(other, needed[other]),
                wanted=in_words(other, need.word),
            )
            raise UserError(
                "--over, --and: found levers that need {both}; accepted levers that can act together", both=both
            )
        needed[other] = float(need.word)
    return needed


def _refuse_idle(base: Strategy, variant: Strategy, chosen: Mapping[str, float], plan: Plan) -> None:
    """Refuse a design in which a lever that is varied acts on nothing."""
    for remark in idle_settings(base, variant, plan.start, plan.months):
        for column in chosen:
            if key_of(column) == remark.key:
                raise UserError(
                    "--over, --and: found {text}; accepted a lever that acts in {name}",
                    text=remark.text,
                    name=base.name,
                )
