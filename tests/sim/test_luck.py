"""Luck: the published generator, the numbers made from it, and that no luck shows through in any other."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

import luck_quality as quality
import numpy as np
import pytest
from luck_quality import FALSE_ALARM, POWER, Floats, dealt
from scipy import special, stats

from idmaj.sim import luck as module
from idmaj.sim.errors import UserError
from idmaj.sim.luck import (
    WORD,
    Luck,
    Stream,
    below,
    exponential,
    fates,
    normal,
    philox4x32,
    poisson,
    poisson_step,
    spell_fates,
    uniforms,
    unit,
    words,
)

KEY = Luck(20170523, 3, 5).key()
MANY = 2**18


def uncompiled(function: Any) -> Any:
    return getattr(function, "py_func", function)


# The published known-answer vectors of Random123, philox4x32 with 10 rounds: counter and key, then the answer.
VECTORS = [
    ((0,) * 6, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((WORD,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("given", "answer"), VECTORS, ids=["zeros", "ones", "pi"])
@pytest.mark.parametrize("form", [philox4x32, uncompiled(philox4x32)], ids=["compiled", "interpreted"])
def test_the_published_vectors(form: Any, given: tuple[int, ...], answer: tuple[int, ...]) -> None:
    assert form(*given) == answer


def test_counter_and_key_are_where_the_model_says() -> None:
    seed, replication, draw = KEY
    for page, stream, month, spell in [(0, 0, 0, 0), (2**32 - 1, 25, 65535, 2**31), (31 * 2**27, 7, 227, 4)]:
        expected = philox4x32(page, stream * 65536 + month, spell, draw, seed, replication)
        assert words(KEY, page, stream, month, spell) == expected
        pair = (unit(*expected[:2]), unit(*expected[2:]))
        assert uniforms(KEY, page, stream, month, spell) == pair
    assert fates(KEY, 9, 3) == uniforms(KEY, 9, 3, 0, 0)
    assert spell_fates(KEY, 9, 3, 2) == uniforms(KEY, 9, 3, 0, 2)


def test_streams_are_numbered_once_and_fit_beside_the_month() -> None:
    assert [int(stream) for stream in Stream] == list(range(len(Stream)))
    assert max(Stream) * 65536 + 65535 <= WORD


def test_asked_twice_luck_answers_the_same() -> None:
    pages = np.arange(1000)
    assert (dealt(words, KEY, pages, 16, 40) == dealt(words, KEY, pages[::-1], 16, 40)[::-1]).all()


@pytest.mark.parametrize("name", ["seed", "replication", "draw"])
@pytest.mark.parametrize("value", [-1, 2**32, 1.0, "1", None, np.nan])
def test_luck_refuses_what_is_no_word(name: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"luck: {name} is .*accepted: a whole number from 0 to 4294967295"):
        Luck(**{name: value})


def test_luck_takes_the_extreme_words() -> None:
    assert Luck(0, 0, 0).key() == (0, 0, 0)
    assert Luck(WORD, WORD, WORD).key() == (WORD, WORD, WORD)


# ---- numbers made from words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [unit, uncompiled(unit)], ids=["compiled", "interpreted"])
def test_a_uniform_number_is_strictly_between_zero_and_one(form: Any) -> None:
    assert form(0, 0) == 2.0**-53
    assert form(WORD, WORD) == 1.0 - 2.0**-53
    assert 0.0 < form(0, 0) < form(0, 64) < form(64, 0) < form(WORD, WORD) < 1.0
    assert form(1 << 31, 0) == 0.5 + 2.0**-53
    assert form(63, 63) == form(0, 0), "the last six bits of a word are not used"


EXTREME = np.array([2.0**-53, 1e-15, 1e-9, math.exp(-25.0), 1e-5, 0.075, 0.5, 0.925, 1 - 1e-9, 1.0 - 2.0**-53])
SEAMS = [math.exp(-25.0), 0.075, 0.5, 0.925, 1.0 - math.exp(-25.0)]
"""Where the formula of the normal distribution changes."""


def test_the_normal_is_the_inverse_of_the_distribution() -> None:
    near = [seam + min(seam, 1.0 - seam) * 1e-4 * np.arange(-9, 10) for seam in SEAMS]
    grid = np.concatenate([EXTREME, np.arange(1, 20000) / 20000.0, *near])
    ours = np.array([normal(u) for u in grid])
    theirs = special.ndtri(grid)
    assert np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))) < 1e-12
    plain = uncompiled(normal)
    assert all(plain(u) == normal(u) for u in grid.tolist())


@pytest.mark.parametrize("step", [1e-4, 1e-7, 1e-10])
def test_a_larger_uniform_gives_a_larger_normal(step: float) -> None:
    for seam in SEAMS:
        # No finer than the numbers that there are next to one.
        near = np.unique(seam + step * np.arange(-300, 300) * min(seam, 1.0 - seam))
        values = np.array([normal(u) for u in near])
        assert (np.diff(values) > 0.0).all()
    assert normal(0.5) == 0.0
    assert normal(0.25) == -normal(0.75)


@pytest.mark.parametrize("form", [exponential, uncompiled(exponential)], ids=["compiled", "interpreted"])
def test_the_exponential_is_the_inverse_of_survival(form: Any) -> None:
    for u in EXTREME.tolist():
        assert form(u) == -math.log(u)
        assert form(u) > 0.0
    assert math.isclose(math.exp(-form(0.3)), 0.3, rel_tol=1e-15)


@pytest.mark.parametrize("form", [below, uncompiled(below)], ids=["compiled", "interpreted"])
@pytest.mark.parametrize("n", [1, 2, 5, 36, 1000])
def test_whole_numbers_below_are_all_as_likely(form: Any, n: int) -> None:
    values = [form((i + 0.5) / (n * 64), n) for i in range(n * 64)]
    assert np.bincount(values, minlength=n).tolist() == [64] * n
    assert form(2.0**-53, n) == 0
    assert form(1.0 - 2.0**-53, n) == n - 1


def test_a_poisson_step_inverts_the_distribution() -> None:
    """It is the smallest count whose distribution function reaches the uniform number; bounded at the extremes."""
    for mean in (0.0, 1e-9, 0.3, 5.0, 29.9, 30.0):
        for u in [*np.arange(1, 200) / 200.0, 1e-12]:
            count = poisson_step(u, mean)
            assert stats.poisson.cdf(count, mean) >= u * (1 - 1e-12)
            assert count == 0 or stats.poisson.cdf(count - 1, mean) < u
            assert uncompiled(poisson_step)(u, mean) == count
    assert poisson_step(1.0 - 2.0**-53, 30.0) < 1001
    assert poisson_step(1.0 - 2.0**-53, 0.0) == 0


def poisson_surprise(counts: Floats, mean: float) -> tuple[float, float]:
    """Return the chi-square chance of the counts, and the share by which a mean must be off to be found out."""
    edges = np.unique(stats.poisson.ppf(np.linspace(0.0, 1.0, 42)[1:-1], mean))

    def chances(of_mean: float) -> Floats:
        return np.diff(np.concatenate([[0.0], stats.poisson.cdf(edges, of_mean), [1.0]]))

    expected = len(counts) * chances(mean)
    found = np.bincount(np.searchsorted(edges, counts), minlength=len(expected))
    freedom = len(expected) - 1
    limit = stats.chi2.isf(FALSE_ALARM, freedom)
    shift = 1e-4
    while True:
        apart = len(counts) * float(((chances(mean * (1.0 + shift)) - chances(mean)) ** 2 / chances(mean)).sum())
        if stats.ncx2.sf(limit, freedom, apart) >= POWER:
            break
        shift *= 1.05
    return float(stats.chi2.sf(((found - expected) ** 2 / expected).sum(), freedom)), shift


@pytest.mark.parametrize("mean", [0.3, 5.0, 29.9, 30.1, 200.0])
def test_poisson_numbers_follow_their_distribution(mean: float) -> None:
    """Chi-square on 100,000 numbers, false alarm 1e-6; a mean that is off by 4.7 % (0.3) to 0.24 % (200) is found out.

    From 30 on it is a sum of steps: were a step lost or its luck used twice, the spread would be far off.
    """
    counts = np.array([poisson(KEY, page, 0, 3, mean) for page in range(100_000)])
    chance, shift = poisson_surprise(counts, mean)
    assert chance > FALSE_ALARM
    assert shift < 0.035 / math.sqrt(mean)
    off = np.array([poisson(KEY, page, 0, 3, mean * (1.0 + 1.1 * shift)) for page in range(100_000)])
    assert poisson_surprise(off, mean)[0] < FALSE_ALARM
    doubled = 2 * np.array([poisson(KEY, page, 0, 3, mean / 2.0) for page in range(100_000)])
    assert poisson_surprise(doubled, mean)[0] < FALSE_ALARM


def test_poisson_numbers_are_the_same_uncompiled() -> None:
    for mean in (0.0, 0.3, 29.9, 30.1, 200.0):
        for page in range(50):
            assert uncompiled(poisson)(KEY, page, 0, 3, mean) == poisson(KEY, page, 0, 3, mean)


# ---- quality: nobody's luck shows through in anybody else's, nor a month's in the next ------------------------------


def across_pages(generator: Any) -> Floats:
    """Consecutive pages, the same month: neighbours in the register of arrivals."""
    return dealt(generator, KEY, np.arange(MANY) + 7 * 2**27, Stream.PERSON_SKILL_AND_TALENT, 0)


def across_months(generator: Any) -> Floats:
    """Months in a row of the same page: 4,096 months of 64 pages, page by page."""
    pages = 4 * np.arange(64)[:, None]
    return dealt(generator, KEY, pages, Stream.TRADING, np.arange(MANY // 64)[None, :], 1)


WAYS = [across_pages, across_months]


def alarms(generator: Any) -> dict[str, float]:
    """Return the chance of what each quality test finds in a generator, by the name of the test."""
    found: dict[str, float] = {}
    for way in WAYS:
        both = way(generator)
        for half, values in enumerate((both[:, 0], both[:, 1])):
            found[f"uneven {way.__name__} {half}"] = quality.uneven(values)
            found[f"departs {way.__name__} {half}"] = quality.departs(values)
            found[f"correlated {way.__name__} {half}"] = quality.correlated(values[1:], values[:-1])
        found[f"correlated {way.__name__} halves"] = quality.correlated(both[:, 0], both[:, 1])
    for name, columns in side_by_side(generator).items():
        found[f"correlated {name}"] = quality.most_correlated(columns)
    return found


def side_by_side(generator: Any) -> dict[str, Floats]:
    """Return 2**16 pages' luck, a column (or two) for each stream, replication, draw, seed, spell and month."""
    pages = np.arange(2**16)

    def columns(deals: list[Floats]) -> Floats:
        return np.hstack(deals)

    return {
        "streams": columns([dealt(generator, KEY, pages, stream, 40) for stream in Stream]),
        "replications": columns([dealt(generator, (1, r, 0), pages, 16, 40) for r in range(24)]),
        "draws": columns([dealt(generator, (1, 0, d), pages, 16, 40) for d in range(24)]),
        "seeds": columns([dealt(generator, (s, 0, 0), pages, 16, 40) for s in range(24)]),
        "spells": columns([dealt(generator, KEY, pages, 15, 0, spell) for spell in range(24)]),
        "months": columns([dealt(generator, KEY, pages, 23, month, 1) for month in range(24)]),
    }


def test_luck_passes_every_quality_test() -> None:
    """Each test raises a false alarm once in a million, and finds out with 99 % power (shown below).

    On 262,144 numbers: half of 256 bins too full by 2.9 % (uneven), a distribution function off by 0.0076 (departs),
    a correlation of 0.0142 with the neighbour. Between columns of 65,536, at the largest of 1,326 pairs: 0.034.
    """
    assert not {name: chance for name, chance in alarms(words).items() if not chance > FALSE_ALARM}


@pytest.mark.parametrize("weak", quality.WEAK, ids=lambda weak: weak.__name__)
def test_a_weakened_luck_is_found_out(weak: Any) -> None:
    found = {name for name, chance in alarms(weak).items() if not chance > FALSE_ALARM}
    telling = {
        "one_round": "uneven across_pages 0",
        "short_pages": "uneven across_pages 0",
        "short_months": "uneven across_months 0",
        "next_door": "correlated across_pages 0",
        "one_stream": "correlated streams",
        "deaf": "correlated replications",
        "undrawn": "correlated draws",
    }
    assert telling[weak.__name__] in found


def test_every_weak_luck_is_otherwise_the_luck() -> None:
    """So it is the weakness that is found out: where it does not bite, the numbers are the same."""
    pages = np.arange(4097, 8192, 2) % 4096
    for weak in quality.WEAK[1:]:
        assert (dealt(weak, (1, 0, 0), pages, 0, 3) == dealt(words, (1, 0, 0), pages, 0, 3)).all()


def test_what_is_detected_is_as_small_as_stated() -> None:
    assert quality.uneven_detects(MANY) < 0.029
    assert quality.departs_detects(MANY) < 0.0076
    assert quality.correlated_detects(MANY) < 0.0142
    assert quality.correlated_detects(2**16, 52 * 51 // 2) < 0.034


FEWER = 2**14


def caught(test: Any) -> int:
    """Return in how many of 200 tries a test on 16,384 made-up numbers raises the alarm."""
    generator = np.random.Generator(np.random.PCG64(2017))
    return sum(not test(generator) > FALSE_ALARM for _ in range(200))


def test_what_is_detected_is_detected_99_times_in_100() -> None:
    """At the stated deviation 200 tries give 198 alarms in the mean; under 192 would come about once in 3,000 times."""

    def too_full(generator: np.random.Generator) -> float:
        values = generator.random(FEWER)
        upper = generator.random(FEWER) < 0.5 * (1.0 + quality.uneven_detects(FEWER))
        return quality.uneven(0.5 * (values + upper))

    def shifted(generator: np.random.Generator) -> float:
        by = quality.departs_detects(FEWER)
        values = generator.random(FEWER)
        # A bump around the middle: the distribution function is off by `by` there, and by nothing at the ends.
        return quality.departs(np.where((values > 0.5 - by) & (values < 0.5), values + by, values))

    def echoing(generator: np.random.Generator) -> float:
        r = quality.correlated_detects(FEWER)
        values = generator.standard_normal(FEWER + 1)
        return quality.correlated(values[1:] * math.sqrt(1 - r * r) + values[:-1] * r, values[:-1])

    for test in (too_full, shifted, echoing):
        assert caught(test) >= 192, test.__name__


def test_a_good_generator_raises_no_alarm() -> None:
    for test in (quality.uneven, quality.departs, lambda values: quality.correlated(values[1:], values[:-1])):
        assert caught(lambda generator, test=test: test(generator.random(FEWER))) == 0


def test_nothing_else_in_luck_draws() -> None:
    source = inspect.getsource(module)
    assert not re.search(r"^(import|from) random|\bnp\.random", source, re.M)
