"""What the questions on ignorance hand to the mathematics: groups, surveys, designs and their luck."""

from dataclasses import replace

import numpy as np
import pytest
from small_studies import given_medians, small

from idmaj.scenarios.decisions.sensitivity import LUCK, morris_design
from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.questions.designed import Designed
from idmaj.scenarios.questions.evidence_groups import GROUPS
from idmaj.scenarios.questions.sensitivity import numbers_of, too_small
from idmaj.scenarios.questions.tracer import SUMMARIES, summary_of, tracer_surveys
from idmaj.scenarios.questions.worth import Price, check_outcome
from idmaj.sim import NUMBERS, UserError
from idmaj.sim.kinds import HazardFamily


def test_every_number_that_is_not_known_is_in_one_group_of_evidence():
    named = [name for names in GROUPS.values() for name in names]
    vary = {name for name, each in NUMBERS.items() if each.shape != "fixed" or each.kind is HazardFamily}
    assert len(named) == len(set(named))
    assert set(named) == vary


def test_a_survey_counts_only_those_who_are_found():
    # found, trading, old enough, traded three years, took a job
    found = [[1, 1, 1, 1, 0]] * 6 + [[1, 0, 1, 0, 1]] * 3 + [[1, 0, 0, 0, 0]] * 3
    answers = np.array(found + [[0, 1, 1, 1, 0]] * 8, bool)
    found, trading, traded, job = summary_of(answers)
    assert (found, trading, traded, job) == (12 / 20, 6 / 12, 6 / 9, 3 / 6)
    assert np.isnan(summary_of(answers[:4])[1])


def test_surveys_tell_of_the_draw_and_larger_ones_tell_more():
    with given_medians():
        plan = small(start=84, draws=12, replications=1)
        inputs = prepare(plan)
        inputs.params["failure_level"] = np.linspace(0.02, 0.6, 12)
        surveys = tracer_surveys(plan, inputs, [10, 60], 1)
        again = tracer_surveys(plan, inputs, [60], 1)
        with pytest.raises(UserError, match="--sizes"):
            tracer_surveys(plan, inputs, [5000], 1)
    assert list(surveys[60].columns) == list(SUMMARIES) and len(surveys[60]) == 12
    assert surveys[60].equals(again[60])
    # Deterministic: with failure thirty times as frequent fewer still trade.
    assert surveys[60]["trading"].iloc[:3].mean() > surveys[60]["trading"].iloc[-3:].mean() + 0.2


def test_rows_of_a_design_differ_only_in_what_was_changed():
    with given_medians():
        vary = numbers_of(["failure_level", "fit_gain"], "morris")
        design = morris_design(vary, 10)
        work = Designed.of(small(start=36, replications=1), design, "live_businesses")
        params = work.inputs.params
        assert np.array_equal(params["failure_level"], design.runs["failure_level"])
        assert len(np.unique(params["advice_profit"])) == 1
        twin = replace(work, inputs=replace(work.inputs, params=params[[3, 3, 3]]), luck=np.array([5, 5, 6]))
        values = twin.answers(1)
        assert values[0] == values[1] == twin.value(1)  # the row's number is no part of its luck
        other = replace(twin, luck=np.array([5, 7, 8]))
        assert other.fingerprint != twin.fingerprint
        single = replace(twin, plan=replace(twin.plan, strategies=twin.plan.strategies[:1]))
        alone = replace(single, inputs=replace(twin.inputs, policies=dict([next(iter(twin.inputs.policies.items()))])))
        levels = [alone.value(row) for row in range(3)]
    assert design.runs[LUCK].nunique() > 10
    assert levels[0] == levels[1]
    assert min(levels) > 0.0


def test_answers_of_a_design_are_kept_and_not_done_again(monkeypatch):
    with given_medians():
        design = morris_design(numbers_of(["failure_level"], "morris"), 10)
        work = Designed.of(small(start=24, replications=1, seed=77), design, "live_businesses")
        work = replace(work, luck=work.luck[:3], inputs=replace(work.inputs, params=work.inputs.params[:3]))
        first = work.answers(1)
        monkeypatch.setattr(Designed, "value", lambda self, row: pytest.fail("lived again"))
        assert np.array_equal(work.answers(1), first)


@pytest.mark.parametrize(
    ("method", "size", "says", "runs"),
    [("morris", 3, "--trajectories: found 3, accepted 10", 60), ("sobol", 1000, "1,024 will do", 1024 * 7)],
)
def test_a_sample_too_small_is_refused_with_the_one_it_takes(method, size, says, runs):
    found = too_small(method, size, 4)
    assert says in found[0] and found[1] == runs
    assert too_small(method, 1024, 4) is None


def test_a_survey_cost_asks_what_a_business_is_worth():
    with pytest.raises(UserError, match="--value-per-business"):
        Price(None, 50000.0, 800.0)
    assert Price(1.0, 50000.0, 800.0).of(120) == 146000.0


@pytest.mark.parametrize("outcome", ["live_business", "cost_per_project", "durable_solutions"])
def test_outcomes_by_which_nothing_can_be_judged_are_refused(outcome):
    with pytest.raises(UserError, match="--outcome: found"):
        check_outcome(outcome)
