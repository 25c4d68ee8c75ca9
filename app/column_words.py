"""The names of columns in the tables of answers, for the catalogues of messages: readers see them as words.

A line for each module of `scenarios/questions/`; a name that is there already, or is an outcome's, is not told again.
"""

COLUMNS: tuple[str, ...] = (
    "funder", "high", "item", "line", "low", "mean", "meaning", "part", "pays_for", "q10", "q50", "q90", "quantity",
    "rests_on", "setting", "total", "unit", "unit_cost", "value",
)  # fmt: skip
