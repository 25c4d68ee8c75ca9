"""What could be done: strategies, and experiments with them."""

from .strategies import catalogue, load

__all__ = ["catalogue", "load"]
