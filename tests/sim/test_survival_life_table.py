"""The actuarial life table against a published one, counts by hand and the curve it approaches."""

from __future__ import annotations

import numpy as np
import pytest

from idmaj.sim import survival as sv

# 2,418 men with angina pectoris, by year since diagnosis: Parker et al. 1946, J. Am. Med. Assoc. 131:95-100; the
# figures below as SAS/STAT prints them (PROC LIFETEST, "Life-Table Estimates for Males with Angina Pectoris"; also
# Lee & Wang, Statistical Methods for Survival Data Analysis, ch. 4).
DIED = [456, 226, 152, 171, 135, 125, 83, 74, 51, 42, 43, 34, 18, 9, 6, 0]
LOST = [0, 39, 22, 23, 24, 107, 133, 102, 68, 64, 45, 53, 33, 27, 23, 30]
AT_RISK = [2418, 1942.5, 1686, 1511.5, 1317, 1116.5, 871.5, 671, 512, 395, 298.5, 206.5, 129.5, 81.5, 47.5, 15]
SURVIVAL = [1, 0.8114, 0.7170, 0.6524, 0.5786, 0.5193, 0.4611, 0.4172, 0.3712, 0.3342, 0.2987, 0.2557, 0.2136, 0.1839]
SURVIVAL += [0.1636, 0.1429]
HAZARD = [0.208219, 0.123531, 0.09441, 0.119916, 0.108043, 0.118596, 0.1, 0.116719, 0.10483, 0.112299, 0.155235]
HAZARD += [0.17942, 0.149378, 0.116883, 0.134831]
HAZARD_ERROR = [0.009698, 0.008201, 0.007649, 0.009154, 0.009285, 0.010589, 0.010963, 0.013545, 0.014659, 0.017301]
HAZARD_ERROR += [0.023602, 0.030646, 0.03511, 0.038894, 0.054919]


def test_published_table_of_angina_pectoris() -> None:
    table = sv.life_table_of_counts([*range(16), np.inf], 2418, LOST, DIED)
    np.testing.assert_array_equal(table.at_risk, AT_RISK)
    np.testing.assert_allclose(table.survival, SURVIVAL, atol=5.1e-5)
    np.testing.assert_allclose(table.hazard[:-1], HAZARD, atol=5.1e-7)
    np.testing.assert_allclose(table.se_hazard[:-1], HAZARD_ERROR, atol=5.1e-7)
    np.testing.assert_allclose(table.se_survival[1:4], [0.00796, 0.00918, 0.00973], atol=5.1e-6)
    np.testing.assert_allclose(table.density[:3], [0.1886, 0.0944, 0.0646], atol=5.1e-5)
    np.testing.assert_allclose(table.se_density[:3], [0.00796, 0.00598, 0.00507], atol=5.1e-6)
    assert np.isnan([table.hazard[-1], table.density[-1]]).all()
    assert table.survival_end[-1] == table.survival[-1]
    np.testing.assert_array_equal(table.survival_end[:-1], table.survival[1:])


def test_spells_make_the_same_table_as_their_counts() -> None:
    """Every one of the 2,418 men as a spell, at the middle of his year or at its very beginning."""
    counts = sv.life_table_of_counts([*range(16), np.inf], 2418, LOST, DIED)
    year = np.repeat(np.arange(16), DIED), np.repeat(np.arange(16), LOST)
    for within in (0.5, 0.001):
        spells = sv.life_table(
            0,
            np.concatenate(year) + within,
            np.repeat([1, 0], [sum(DIED), sum(LOST)]),
            [*range(16), np.inf],
        )
        for name in ("going", "withdrawn", "ended", "joined", "survival", "se_survival_end", "se_hazard"):
            np.testing.assert_allclose(getattr(spells, name), getattr(counts, name), err_msg=name)


def test_late_entries_by_hand() -> None:
    """At edges 0, 10, 20: an entry at 10 counts whole, one at 12 half, a withdrawal at 15 takes half away again."""
    entry, exit, event = [0, 0, 0, 10, 12, 11, 5], [5, 10, 30, 18, 25, 15, 5], [1, 0, 0, 1, 0, 0, 0]
    table = sv.life_table(entry, exit, event, [0, 10, 20])
    np.testing.assert_array_equal(table.going, [3, 3])  # the one of no length counts for nothing
    np.testing.assert_array_equal(table.joined, [0, 2])
    np.testing.assert_array_equal(table.withdrawn, [0, 2])  # last seen at 10: in the band that begins there
    np.testing.assert_array_equal(table.at_risk, [3, 3])
    np.testing.assert_allclose(table.survival_end, [2 / 3, 4 / 9])
    np.testing.assert_allclose(table.hazard, [1 / 2.5 / 10, 1 / 2.5 / 10])


def test_narrow_bands_give_kaplan_meier() -> None:
    """With at most one thing in each band, at its beginning, the table is the curve."""
    rng = np.random.default_rng(5)
    exit, event = rng.permutation(np.arange(1, 200)), rng.uniform(size=199) < 0.6
    table = sv.life_table(0, exit, event, np.arange(0.0, 201.0))
    curve = sv.kaplan_meier(0, exit, event)
    at_events = np.isin(table.start, curve.time)
    np.testing.assert_allclose(table.survival_end[at_events], curve.survival)
    last = curve.survival > 0.0
    np.testing.assert_allclose(table.se_survival_end[at_events][last], np.sqrt(curve.variance[last]))


def test_bands_in_which_nobody_is_left() -> None:
    """After everyone ended survival is zero; after everyone was lost it is not known."""
    ended = sv.life_table_of_counts([0, 1, 2], 4, [0, 0], [4, 0])
    np.testing.assert_array_equal(ended.survival_end, [0, 0])
    lost = sv.life_table_of_counts([0, 1, 2], 4, [3, 0], [1, 0])
    np.testing.assert_array_equal(lost.survival_end, [1 - 1 / 2.5, np.nan])
    assert list(lost.table())[:6] == ["start", "end", "going", "joined", "withdrawn", "ended"]


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match=r"row 2: edge is 1\.0; accepted: edges that ascend"):
        sv.life_table(0, [1], [1], [0, 2, 1])
    with pytest.raises(ValueError, match="accepted: two edges or more"):
        sv.life_table(0, [1], [1], [0])
    with pytest.raises(ValueError, match=r"row 1: entry is 1\.0; accepted: at or after the first edge, 2\.0"):
        sv.life_table([3, 1], [4, 4], [1, 1], [2, 5])
    with pytest.raises(ValueError, match=r"row 1: ended is 1\.0; accepted: at most those at risk"):
        sv.life_table([0, 11], [5, 12], [1, 1], [0, 10, 20])
    with pytest.raises(ValueError, match="accepted: 2 bands, one fewer than edges"):
        sv.life_table_of_counts([0, 1, 2], 5, [1], [1])
    with pytest.raises(ValueError, match=r"row 1: withdrawn \+ ended is 3\.0; accepted: at most those still"):
        sv.life_table_of_counts([0, 1, 2], 5, [1, 1], [2, 2])
    with pytest.raises(ValueError, match="row 0: withdrawn is -1"):
        sv.life_table_of_counts([0, 1, 2], 5, [-1, 1], [2, 2])
    with pytest.raises(ValueError, match="started is 0; accepted"):
        sv.life_table_of_counts([0, 1], 0, [0], [0])
