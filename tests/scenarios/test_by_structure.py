"""Whether the order of strategies holds under every structure."""

import numpy as np
import pandas as pd

from idmaj.scenarios.by_structure import differences_by_structure, in_words, rankings, structures_of

CALLED = {"a": "Alpha", "b": "Beta", "c": "Gamma"}


def ends(levels: dict[str, np.ndarray], replications: int = 2) -> pd.DataFrame:
    """Return runs in which each strategy has its level in each draw, and both share their luck."""
    luck = np.random.default_rng(1).normal(size=(len(levels["a"]), replications))
    rows = [
        (name, draw, replication, value[draw] + luck[draw, replication])
        for name, value in levels.items()
        for draw in range(len(value))
        for replication in range(replications)
    ]
    return pd.DataFrame(rows, columns=["strategy", "draw", "replication", "value"])


def kinds(families: list[str], gammas: list[float] | None = None) -> pd.DataFrame:
    crowding = gammas or [1.0] * len(families)
    table = {"draw": range(len(families)), "hazard_family": families, "saturation_gamma": crowding}
    return structures_of(pd.DataFrame(table))


def said(levels: dict[str, np.ndarray], structures: pd.DataFrame) -> str:
    table = rankings(differences_by_structure(ends(levels), structures))
    return in_words(table, CALLED, "live businesses", len(structures))


def test_structures_are_named_in_words():
    table = kinds(["weibull", "log_logistic"], [0.0, 0.4])
    assert list(table["family"]) == ["weibull", "log-logistic"]
    assert list(table["crowding"]) == ["no crowding", "crowding"]


def test_an_order_that_one_structure_clearly_reverses_is_said_to_depend_on_it():
    noise = np.linspace(-0.1, 0.1, 20)
    gain = np.where(np.arange(20) < 14, 5.0, -1.0) + noise
    found = said({"a": np.zeros(20), "b": gain}, kinds(["weibull"] * 14 + ["gompertz"] * 6))
    assert found.startswith("The order in live businesses depends on how the model is built: Beta above Alpha, yet")
    assert found.endswith("yet under gompertz clearly the other way round.")


def test_a_mean_that_only_leans_the_other_way_is_said_to_be_unclear():
    gain = np.where(np.arange(20) < 14, 5.0, -0.1) + np.where(np.arange(20) % 2, 1.0, -1.0)
    found = said({"a": np.zeros(20), "b": gain}, kinds(["weibull"] * 14 + ["gompertz"] * 6))
    assert "under gompertz the other way round, not clearly" in found


def test_an_order_that_holds_everywhere_is_named_once_from_best_to_worst():
    noise = np.linspace(-0.1, 0.1, 12)
    levels = {"a": np.zeros(12), "b": 2.0 + noise, "c": 1.0 - noise}
    found = said(levels, kinds(["weibull"] * 6 + ["gompertz"] * 6, [0.0, 1.0] * 6))
    assert found == (
        "The order in live businesses (Beta above Gamma above Alpha) holds under every hazard family and with or "
        "without crowding, as far as 12 draws can tell."
    )


def test_strategies_that_cannot_be_told_apart_have_no_order():
    gain = np.where(np.arange(12) % 2, 1.0, -1.0)
    found = said({"a": np.zeros(12), "b": gain}, kinds(["weibull"] * 6 + ["gompertz"] * 6))
    assert found == "No two of these strategies can be told apart in live businesses by 12 draws."


def test_too_few_draws_of_a_structure_tell_nothing_of_it():
    noise = np.linspace(-0.1, 0.1, 10)
    found = said({"a": np.zeros(10), "b": 1.0 + noise}, kinds(["weibull"] * 7 + ["gompertz"] * 3))
    assert found.endswith("Under gompertz there are too few draws to tell.")
    few = said({"a": np.zeros(4), "b": 1.0 + noise[:4]}, kinds(["weibull"] * 2 + ["gompertz"] * 2))
    assert "cannot be told from 4 draws" in few


def test_draws_of_one_structure_alone_have_no_members():
    table = differences_by_structure(ends({"a": np.zeros(6), "b": np.ones(6)}), kinds(["weibull"] * 6))
    assert set(table["of"]) == {"all"}


def test_a_difference_of_no_consequence_is_no_order():
    noise = np.linspace(-0.1, 0.1, 12)
    runs = ends({"a": np.full(12, 100.0), "b": 100.5 + noise})
    table = differences_by_structure(runs, kinds(["weibull"] * 6 + ["gompertz"] * 6))
    assert rankings(table)["clear"].all()
    assert not rankings(table, negligible=1.0)["clear"].any()
