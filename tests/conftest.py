"""Tests call rules from Python: they are compiled with a door for it."""

import os

os.environ["IDMAJ_DOORS"] = "1"
