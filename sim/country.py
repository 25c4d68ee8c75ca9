"""What is given about a country: towns, refugee stocks, who arrives where. Data only; the files are read elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError

FIRST_YEAR = 2007
YEARLY = ("arrival_share", "permit_share", "women_share", "non_adult_ratio")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Country:
    """A country as the model sees it. Years run from 2007; stocks have one row more, for the end of 2006.

    Attributes
    ----------
    place_names : tuple of str
        Town of each row of `places`.
    places : recarray of Place
        Distances, branches, niches, work and cost factors.
    stocks : array (years + 1, origins, statuses), persons
        End of each year, from 2006. UNHCR Refugee Data Finder.
    recognition : array (years), per asylum-seeker and year
        Decisions that recognise, over the mean stock of asylum-seekers.
    arrival_share : array (years, places)
        Share of a year's arrivals that settles in each town; rows add up to 1.
    permit_share : array (years, origins)
        Share of households that hold a valid residence permit.
    women_share, non_adult_ratio : array (years, statuses)
        Women among adults; children and elders per adult.
    solitary : array (statuses)
        How much smaller a household's number of further adults is, against the parameter.
    known_until : int
        Stocks are known up to this month; later flows continue the last three known years.
    """

    place_names: tuple[str, ...]
    places: np.recarray[Any, Any]
    stocks: Floats
    recognition: Floats
    arrival_share: Floats
    permit_share: Floats
    women_share: Floats
    non_adult_ratio: Floats
    solitary: Floats
    known_until: int

    def __post_init__(self) -> None:
        """Check what compiled code reads without looking: that yearly tables have the same years."""
        years = {name: len(getattr(self, name)) for name in YEARLY}
        if len(set(years.values())) != 1 or len(self.stocks) < 1:
            raise UserError(
                "country: found years in its yearly tables: {years}; accepted: the same number in each", years=years
            )

    @property
    def known_years(self) -> int:
        """Whole years, from 2007, whose end-of-year stocks are known."""
        return min(self.known_until // 12, len(self.stocks) - 1)

    def fingerprint(self) -> str:
        """Return the sha256 of everything in it."""
        digest = hashlib.sha256(repr((self.place_names, self.known_until)).encode())
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                digest.update(np.ascontiguousarray(value).tobytes())
        return digest.hexdigest()
