"""The names of columns in the tables of answers, for the catalogues of messages: readers see them as words.

A line for each module of `scenarios/questions/`; a name that is there already, or is an outcome's, is not told again.
"""

COLUMNS: tuple[str, ...] = ()
