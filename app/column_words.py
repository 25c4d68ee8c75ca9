"""The names of columns in the tables of answers, for the catalogues of messages: readers see them as words.

A line for each module of `scenarios/questions/`; a name that is there already, or is an outcome's, is not told again.
"""

COLUMNS: tuple[str, ...] = (
    *("size", "share", "low", "high", "of", "structure", "worlds", "answer", "family", "crowding"),  # size
    *("change", "meaning", "as_done", "as_changed", "difference", "spread_low", "spread_high", "chance_above_zero"),
    *("pairs", "definition", "what", "unit", "setting", "from", "to", "section", "number", "rests_on"),
    "label",  # whatif
    *("person", "who", "need", "month", "year"),  # replay
    *("group", "member", "people", "gain", "lose", "net", "net_low", "net_high", "draw", "replication"),  # why
    *("counted", "opened"),
    *("at", "more_of", "more_opened", "more", "more_low", "more_high", "costs", "per_100_000", "says"),  # marginal
    *("first", "other", "chance", "buys_more"),
    *("draws", "trade", "middle", "times", "saturates", "already at the smallest", "no crowding"),  # markets
    *("applicants ran out first", "not in the range", "opened_low", "opened_high", "live", "live_low", "live_high"),
    *("kept", "kept_low", "kept_high", "without", "crowded_sellers", "larger", "more_live", "per_100"),
    *("places_a_year", "opened_a_year", "places_unfilled", "ran_out", "comes"),
    *("value", "se", "floor", "below_floor", "share_of_evpi", "n", "evsi", "smoothed", "cost", "strategy"),  # worth
    *("worth", "share_of_draws_where_best"),
)
