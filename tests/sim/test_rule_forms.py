"""Rules whose form a shared reading by three readers cannot check: what they must give."""

from types import SimpleNamespace

import numpy as np
import pytest

from idmaj.calibration.posterior import balanced
from idmaj.calibration.priors import draw_priors
from idmaj.sim import NUMBERS, default_params
from idmaj.sim.records import Business, Family, Place
from idmaj.sim.rules.closing import insolvent_month
from idmaj.sim.rules.lens import visit
from idmaj.sim.settings import Settings
from idmaj.sim.table import new_table


@pytest.mark.parametrize("months", [1, 3, 6, 12])
def test_loss_to_follow_up_goes_by_time_not_by_visits(months: int) -> None:
    business, now = new_table(Business, 1), new_table(Settings, 1)
    now.evaluation_visit_months = months
    business.lost_resilience, business.lost, business.seen_ended = 10.0, -1, -1
    p = default_params()[0]
    for month in range(months, 13, months):
        visit(business[0], new_table(Family, 1)[0], new_table(Place, 1)[0], month, now[0], p)
    assert business[0].lost_wear == pytest.approx(2.0 * p.lost_without_branch)


def test_nobody_is_insolvent_while_parts_of_the_grant_are_due() -> None:
    p = default_params()[0]
    waits, paid = new_table(Business, 1), new_table(Business, 1)
    waits.tranches_left = 2
    for _ in range(2):
        insolvent_month(waits[0], p)
        insolvent_month(paid[0], p)
    assert (waits[0].low_months, paid[0].low_months) == (0, 2)


def test_the_first_draws_speak_for_all() -> None:
    prior = draw_priors(200, 5)
    order = balanced(prior)
    assert sorted(order.tolist()) == list(range(200))
    apart = SimpleNamespace(as_drawn=0.0, balanced=0.0)
    for name, number in NUMBERS.items():
        if number.shape != "fixed":
            values = prior[name]
            apart.as_drawn += ((values[:25].mean() - values.mean()) / values.std()) ** 2
            apart.balanced += ((values[order[:25]].mean() - values.mean()) / values.std()) ** 2
    assert apart.balanced < 0.4 * apart.as_drawn  # of more than a hundred parameters at once
    assert np.abs(order - np.arange(200)).sum() > 0
