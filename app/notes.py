"""What to mind in reading a study: too few draws, two changes mixed, settings and dates that act on nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scenarios.language import _, many
from . import wording

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan
    from ..sim.policy import Strategy


def notes_on(plan: Plan) -> tuple[str, ...]:
    """Return a sentence for each thing to mind about a plan; none where nothing is amiss."""
    from ..sim.policy import base_of, idle_settings, late_changes

    baseline, *others = plan.strategies
    pairs = [(baseline, other) for other in others] or [(base_of(baseline), baseline)]
    said = few_draws(plan.draws)
    for base, strategy in pairs:
        said += mixed(base, strategy) if others else []
        remarks = idle_settings(base, strategy, plan.start, plan.months)
        remarks += late_changes(base, strategy, plan.start, plan.months)
        said += [f"{remark.layer.name} ({remark.layer.key}): {remark.text}." for remark in remarks]
    return tuple(dict.fromkeys(said))


def few_draws(draws: int) -> list[str]:
    """Say so where the draws are too few for an interval to mean much."""
    from ..scenarios.contrast import FEW_DRAWS

    if draws >= FEW_DRAWS:
        return []
    over = _("over luck alone") if draws == 1 else _("a rough t interval, cut where the outcome cannot go")
    return [
        _(
            "{draws}: too few to say. A 95 % interval is then {over}; use --draws {least} at the very least.",
            draws=many("{n} draw", "{n} draws", draws), over=over, least=FEW_DRAWS,
        )
    ]  # fmt: skip


def mixed(base: Strategy, strategy: Strategy) -> list[str]:
    """Say so where two strategies differ in what is done and in what may come, so that neither can be read off."""
    done, may_come = _parts(strategy)
    done_there, may_come_there = _parts(base)
    only_here = [key for key in may_come if key not in may_come_there]
    only_there = [key for key in may_come_there if key not in may_come]
    if done == done_there or not (only_here or only_there):
        return []
    return [
        _(
            "{strategy} and {baseline} do not meet the same future ({futures}): the difference mixes what is done with "
            "what may come. To tell them apart compare {fair_baseline} with {fair_strategy}.",
            strategy=strategy.key, baseline=base.key, futures=wording.listed([*only_here, *only_there]),
            fair_baseline="+".join([base.key, *only_here]), fair_strategy="+".join([strategy.key, *only_there]),
        )
    ]  # fmt: skip


def _parts(strategy: Strategy) -> tuple[set[str], list[str]]:
    """Return what of a strategy is done, by source of its layers, and the keys of the futures in it."""
    done = {layer.source for layer in strategy.layers if not layer.future}
    return done, [layer.key for layer in strategy.layers if layer.future]
