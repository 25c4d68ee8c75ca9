"""What is said in English at some length, to be looked for where another language is spoken."""

from __future__ import annotations

import string
from functools import cache


@cache
def english() -> tuple[str, ...]:
    """Return the messages of the catalogues, the parts around what is put in."""
    from test_languages import OTHERS, _maker, catalogue

    parts = []
    for message in catalogue(_maker(), OTHERS[0]):
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            parts += [literal.strip() for literal, *_rest in string.Formatter().parse(text)]
    return tuple(sorted({part for part in parts if len(part) > 20 and " " in part}))
