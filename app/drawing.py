"""How all figures are drawn: colours that all can tell apart, quiet axes, SVG of the same bytes for same numbers."""

from __future__ import annotations

import html
import io
import re
import textwrap
from collections.abc import Sequence
from typing import Any

from ..scenarios.language import ENGLISH, spoken, written

INK = "#1f2328"
QUIET = "#5c636b"
RULE = "#d5d9dd"
BASELINE = "#4d4d4d"
PALETTE = ("#0072b2", "#c04f00", "#00795a", "#a3487a", "#7a5c00", "#5b4bb3")
"""Blue, vermilion, green, purple and two more, after Okabe and Ito, dark enough for text (contrast 4.5)."""

DASHES = ("", (5, 2), (1, 1.5), (5, 2, 1, 2), (8, 3), (3, 1))
WIDE, NARROW = 7.6, 3.9
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"


def style() -> Any:
    """Return the look of all figures, as a context that leaves nobody else's figures changed."""
    import matplotlib as mpl
    import seaborn as sns

    return mpl.rc_context(
        {
            **sns.axes_style("ticks"),
            "font.family": ["DejaVu Sans"],
            "font.size": 9,
            "text.parse_math": False,  # a name with two dollar signs is a name, not a formula
            "text.color": INK,
            "xtick.color": QUIET,
            "ytick.color": QUIET,
            "axes.edgecolor": QUIET,
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "legend.fontsize": 9,
            "svg.fonttype": "none",
            "svg.hashsalt": "idmaj",
            "axes.linewidth": 0.7,
            "xtick.major.width": 0.7,
            "xtick.major.size": 3.5,
        }
    )


def canvas(width: float, height: float, layout: str = "constrained") -> Any:
    """Return an empty figure of so many inches, without a background."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    return figure


def blank_sheet(width: float, height: float) -> tuple[Any, Any]:
    """Return a figure and a sheet that covers it, on which places are inches from the upper left."""
    figure = canvas(width, height, "none")
    sheet = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    sheet.set_axis_off()
    return figure, sheet


def grid(axes: Any) -> None:
    """Leave horizontal lines only, and no frame but the ground."""
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.grid(axis="y", color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="y", nbins=6)
    axes.patch.set_alpha(0)


def numbered(axes: Any) -> None:
    """Write the numbers along both axes as the reader writes them."""
    for axis in (axes.xaxis, axes.yaxis):
        read_along(axis)


def read_along(axis: Any) -> None:
    """Write the numbers along an axis as the reader does; in English, or where it is told how, as it is."""
    from matplotlib.ticker import ScalarFormatter

    class Written(ScalarFormatter):
        def __call__(self, value: float, place: int | None = None) -> str:
            return written(str(super().__call__(value, place)))

    if spoken() is not ENGLISH and type(axis.get_major_formatter()) is ScalarFormatter:
        axis.set_major_formatter(Written())


def tick(value: float, _place: object = None) -> str:
    """Return a number that stands at an axis."""
    return written(f"{value:,.10g}".replace("-", "\u2212"))


def handle(colour: str, marker: str | None, dashes: Any = "") -> Any:
    """Return what stands for a line, or a marker with its bar, in a legend."""
    from matplotlib.lines import Line2D

    line: Any = (0, dashes) if dashes else "-"
    return Line2D([], [], color=colour, marker=marker, linewidth=4.2 if marker else 2.0, linestyle=line, markersize=5)


def legend_above(figure: Any, marks: Sequence[Any], names: Sequence[str], narrow: bool) -> None:
    """Name marks above a figure, in two columns or, on a phone, in one."""
    texts = [textwrap.shorten(name, 44, placeholder=" ...") for name in names]
    figure.legend(marks, texts, loc="outside upper left", ncols=1 if narrow else 2, frameon=False)


def svg(figure: Any, name: str, words: str) -> str:
    """Return the figure as SVG that can stand in a page: own ids, the page's letters, no fixed size.

    Nothing is clipped, since nothing is drawn outside its panel: a clip would be a ``url()``.
    """
    for artist in figure.findobj():
        artist.set_clip_on(False)
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = stream.getvalue()
    box = re.search(r'viewBox="[^"]*"', text)
    body = text[text.index(" <g id=") :]
    body = body.replace(' id="', f' id="{name}-').replace('xlink:href="#', f'href="#{name}-')
    # Places to a hundredth of a point; never the text, where 2.000 may be two thousand.
    body = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), body)
    body = body.replace("'DejaVu Sans'", FONT)
    return f'<svg {box[0] if box else ""} role="img" aria-label="{html.escape(words)}">\n{body}'
