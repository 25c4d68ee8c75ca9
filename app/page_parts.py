"""Parts of pages, to be put into another page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


def inner(template: jinja2.Template, about: Mapping[str, Any]) -> str:
    """Return what stands in the header and in the main part of a page, without these."""
    context = template.new_context(dict(about))
    return "".join(part for name in ("head", "body") for part in template.blocks[name](context))
