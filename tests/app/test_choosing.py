"""The best of several, and luck beside ignorance: one sentence, the same in terminal, report and JSON."""

import json

import pytest

from idmaj.app.choosing import best_of, facts, sentences
from idmaj.app.report import render
from idmaj.app.saying import json_object, say


@pytest.fixture
def chosen(study):
    from dataclasses import replace

    return replace(study, best=best_of(study.experiment))


def test_the_best_is_named_with_its_chance_and_zone_everywhere(chosen, tmp_path, capsys):
    best = chosen.best
    ends = chosen.experiment.ends(["live_businesses"]).groupby("strategy")["value"].mean()
    assert best.best == ends.idxmax()
    assert best.zone == pytest.approx(0.01 * ends["continued"])
    assert 0 < best.chance <= 1
    sentence = chosen.choice[0]
    assert "indifference zone" in sentence and chosen.called[best.best] in sentence.replace("\u00a0", " ")
    say(chosen, tmp_path, as_json=False, remarks=[])
    assert sentence in capsys.readouterr().out
    assert sentence.split("”")[1][:40] in render(chosen)
    found = json.loads(json.dumps(json_object(chosen, None), allow_nan=False))
    assert found["best"]["strategy"] == best.best and found["best"]["chance"] == best.chance
    assert [row["strategy"] for row in found["best"]["table"]][0] == best.best
    assert found["choice"] == list(chosen.choice)


def test_luck_and_ignorance_are_those_of_the_rows(chosen):
    rows = chosen.rows[chosen.rows["outcome"] == "live_businesses"].set_index("strategy")
    share = rows.loc["case_by_case", "luck_share"]
    assert f"{100 * share:.0f}" in chosen.choice[-1] and f"{100 * (1 - share):.0f}" in chosen.choice[-1]


def test_of_one_strategy_or_one_pair_nothing_is_chosen(single, odd):
    assert best_of(single.experiment) is None and best_of(odd.experiment) is None and facts(None) is None
    assert sentences(None, single.rows, single.experiment.plan) == ()
    (said,) = sentences(None, odd.rows, odd.experiment.plan)
    assert "two replications" in said
