"""The names of columns in the tables of answers, for the catalogues of messages: readers see them as words.

A line or two for each module of `scenarios/questions/`; a name that is there already, or is an outcome's, is not told
again.
"""

COLUMNS: tuple[str, ...] = (
    *("strategy", "outcome", "unit", "mean", "low", "high", "share", "change", "chance", "draws", "draw", "runs"),
    *("design", "verdict", "knee", "verdict_before", "judged_again", "knee_chance", "dominated_by"),
    *("structure", "bends_at", "as_overall"),
    *("lever", "of_gain", "alone", "last", "interval", "other", "index", "sign", "named", "over", "turns"),
    *("criterion", "value", "rank", "chance_first", "future", "regret", "assumption", "among", "quasi_p", "again"),
    *("best", "agrees", "ahead_under", "behind_under"),
    *("stage", "quadrant", "effect", "equity", "both", "what", "need", "people", "gain", "lose", "net", "unfilled"),
    *("per", "cost", "ratio", "says", "status", "against", "extra_cost", "extra_effect", "because", "chance_efficient"),
    *("from_worth", "chance_best", "most_often_best", "evpi", "worth", "net_benefit", "on_frontier", "expected_loss"),
    *("perspective", "more", "fieller"),
    *("number", "spread", "meaning", "rests_on", "lost_in_luck", "first", "total"),
    *("words", "low_value", "high_value", "base", "swing", "floor", "basis"),
    *("months", "at_risk", "difference_low", "difference_high", "failed", "closed_by_force", "owner_left"),  # lasting
    *("took_a_job", "to_cooperative"),
    *("funder", "item", "line", "part", "pays_for", "q10", "q50", "q90", "quantity", "setting", "unit_cost"),
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
