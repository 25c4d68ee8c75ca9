from __future__ import annotations

import pytest

from idmaj.sim.errors import UserError
from idmaj.sim.policy import month_name, month_of
from idmaj.sim.strategy_words import month_hint


@pytest.mark.parametrize(
    ("text", "month"), [("2007-01", 0), ("2017-05", 124), ("2026-01", 228), ("2026-12", 239)]
)
def test_months_are_counted_from_january_2007(text: str, month: int) -> None:
    assert month_of(text) == month
    assert month_name(month) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2028-13", "months run from 01 to 12"),
        ("January 2028", 'write "2028-01"'),
        ("août 2028", 'write "2028-08"'),
        ("2028-1", 'write "2028-01"'),
        ("01/2028", 'write "2028-01"'),
        ("2028-03-15", 'write "2028-03"'),
        ("2006-12", "the model begins in 2007-01"),
        ("soon", ""),
        ("2028-01\n", 'write "2028-01"'),
    ],
)
def test_a_malformed_month_says_what_is_accepted(text: str, hint: str) -> None:
    with pytest.raises(UserError, match="accepted a month from 2007-01 on, written YYYY-MM"):
        month_of(text)
    assert month_hint(text) == hint
