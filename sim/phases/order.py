"""Put cards in order: by score, then by one's own lot; what is left keeps its order."""

from __future__ import annotations

from ..records import Card
from ..rule import part, rule
from ..state import Table


@rule
def before(one: Card, other: Card) -> bool:
    """Say whether one card stands strictly before another: a higher score, or the same and a lower lot."""
    return one.key > other.key or (one.key == other.key and one.lot < other.lot)


@part
def put_in_order(cards: Table, count: int) -> None:
    """Fill the column `order` of the first `count` cards: a stable merge sort, so that equals keep their order."""
    for place in range(count):
        cards[place].order = place
    width = 1
    while width < count:
        for start in range(0, count, 2 * width):
            merge(cards, start, min(start + width, count), min(start + 2 * width, count))
        for place in range(count):
            cards[place].order = cards[place].spare
        width *= 2


@part
def merge(cards: Table, start: int, middle: int, stop: int) -> None:
    """Merge two neighbouring runs of the order into the column `spare`."""
    left = start
    right = middle
    for place in range(start, stop):
        take_right = left >= middle
        if left < middle and right < stop:
            take_right = before(cards[cards[right].order], cards[cards[left].order])
        if take_right:
            cards[place].spare = cards[right].order
            right += 1
        else:
            cards[place].spare = cards[left].order
            left += 1
