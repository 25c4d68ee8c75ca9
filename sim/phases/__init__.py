"""How a month is carried out: who meets whom, in which order, and what is written down."""
