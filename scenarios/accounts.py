"""What the accounts of the ledger are called and pay for, and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..sim.kinds import Account, Funder


class Line(NamedTuple):
    """An account in words: its name, and what it pays for."""

    name: str
    meaning: str


LINES: Mapping[Account, Line] = MappingProxyType(
    {
        Account.CONTRIBUTION: Line("Contributions", "What the funders pay in, below zero"),
        Account.BANK: Line("Bank", "What is in the bank at the end of the month"),
        Account.GRANT: Line("First grants", "First grants, paid in tranches"),
        Account.REINFORCEMENT: Line("Reinforcement", "Second grants to running projects"),
        Account.ADVISER: Line("Advisers", "Advisers, at the head office and in further branches"),
        Account.BRANCH: Line("Branches", "Running costs of open branches"),
        Account.OUTREACH: Line("Outreach", "Reaching those who do not come by themselves"),
        Account.OVERHEAD: Line("Overhead", "On all other lines, in one part"),
        Account.TRAINING: Line("Training", "Seats in courses, and stipends of those who sit there"),
        Account.JOB_DESK: Line("Job desk", "Brokers who place people in formal work"),
        Account.SUBSIDY: Line("Wage subsidies", "Part of the wage of those who were placed, for some months"),
        Account.COOPERATIVE: Line("Cooperatives", "Coordinators, and grants to cooperatives"),
        Account.INCUBATOR: Line("Incubators", "Rooms in incubators"),
        Account.RURAL: Line("Rural grants", "Grants for moving to a rural place"),
        Account.LINK: Line("Carriers", "Carriers between rural places and towns"),
        Account.SOCIAL: Line("Social aid", "Cash aid of the social component"),
        Account.HEALTH: Line("Care", "Treatments of the health component"),
        Account.LEGAL: Line("Legal help", "Cases of the legal component"),
    }
)
SPENDING = tuple(account for account in Account if account not in (Account.CONTRIBUTION, Account.BANK))
"""The lines on which money is spent."""

FUNDERS: Mapping[Funder, str] = MappingProxyType(
    {
        Funder.UNHCR: "UNHCR",
        Funder.MONACO: "Monaco",
        Funder.STATE: "Moroccan State",
        Funder.PRIVATE: "Private partners",
        Funder.OTHER: "Other funders",
    }
)
