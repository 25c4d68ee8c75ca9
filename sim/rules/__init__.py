"""What happens to one person, household, business or place: a noun a file, a sentence a rule."""
