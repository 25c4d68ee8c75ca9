"""Questions that people come with, a module each: a plan of runs, and plain functions from its results to an answer."""
