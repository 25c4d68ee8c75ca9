"""The ledger that a study keeps of every run, and what is read from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_studies import done, given_medians, small

from idmaj.scenarios import results
from idmaj.scenarios.accounts import FUNDERS, LINES, SPENDING
from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.export import dictionary, export
from idmaj.scenarios.runs import Lives
from idmaj.sim import UserError
from idmaj.sim.kinds import Account, Funder


@pytest.fixture(scope="module", autouse=True)
def medians():
    with given_medians():
        yield


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return done(tmp_path_factory.mktemp("ledger") / "study", small(traces=True, budget="additional"))


def test_every_account_and_funder_has_words():
    assert set(LINES) == set(Account) and set(FUNDERS) == set(Funder)
    assert set(LINES) - set(SPENDING) == {Account.CONTRIBUTION, Account.BANK}


def test_the_ledger_is_that_of_each_run_and_adds_up_to_what_was_spent(study, monkeypatch):
    found = study.results()
    work = Lives.of(study.plan, prepare(study.plan))
    monkeypatch.setattr(results, "ROOM", 12 * 2 * 90 * 5)  # five months at a time
    months, parts = zip(*found.ledgers(), strict=True)
    assert [len(each) for each in months] == [5, 5, 2]
    kept = np.concatenate(parts, axis=2)
    for at, run in enumerate(found.runs):
        for place, history in enumerate(work.lived(*run).values()):
            np.testing.assert_array_equal(kept[at, place], history.money[study.plan.start :])
    spent = found.ends(["spent"])["value"].to_numpy().reshape(2, -1).T
    np.testing.assert_allclose(kept[:, :, :, list(SPENDING)].sum(axis=(2, 3, 4)), spent)


def test_months_are_those_of_each_run(study):
    found = study.results()
    ((_, columns),) = found.months_of(["spent", "projects_started"])
    ends = found.ends(["projects_started"])["value"].to_numpy().reshape(2, -1).T
    np.testing.assert_array_equal(columns["projects_started"].sum(axis=2), ends)


def test_a_study_without_a_ledger_says_so(tmp_path):
    with pytest.raises(UserError, match="--traces"):
        next(done(tmp_path / "study").results().ledgers())


def test_the_ledger_goes_to_other_programs_with_its_words(study, tmp_path):
    export(study, tmp_path / "out", "csv")
    money = pd.read_csv(tmp_path / "out" / "money.csv")
    assert len(money) == 12 * 2 * 12 * len(Funder)
    told = dictionary(study)
    assert set(told.loc[told["table"] == "money", "name"]) == set(money.columns)
