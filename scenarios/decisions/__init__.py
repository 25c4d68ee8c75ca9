"""What follows for a decision: pure functions on tidy tables of runs; they run nothing and print nothing."""
