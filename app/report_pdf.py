"""The report as a PDF, set by Typst from the same contents as the page; it needs the extra ``idmaj[pdf]``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _
from ..sim.errors import UserError
from .drawing import FONT
from .report import TEMPLATES, report_of

if TYPE_CHECKING:
    from .study import Study

TEMPLATE = "report.typ"
HEADINGS = (
    "Refugee enterprises in Morocco", "a comparison of strategies", "one strategy", "Simulated, not measured.",
    "What the data can and cannot tell", "By the criteria of OECD-DAC", "In pictures", "Results", "Outcome", "Mean",
    "Paired difference and its 95 % interval", "Draws above 0", "Range over draws, 5–95 %", "Reading",
    "95 % interval of the mean", "What differs between the strategies", "Nothing differs.",
    "Does it reproduce the past?", "Published figures beside the simulated past", "Figure", "Published", "Simulated",
    "Range over runs, 5–95 %", "Role", "Source", "What the data cannot tell", "How to get these numbers again",
    "Fingerprint of what went in", "Fingerprint of the results", "Runs", "What the numbers rest on",
    "Published figures", "Id", "Grade", "What", "Value",
)  # fmt: skip
"""Words of the page that are no study's."""


def pdf(study: Study, dac: bool = False) -> bytes:
    """Return the report as a PDF, the same bytes for the same study and language.

    Raises
    ------
    UserError
        If Typst is not installed, or cannot set what a study says.
    """
    try:
        import typst
    except ImportError as problem:
        raise UserError("--pdf: found no Typst; accepted after: pip install 'idmaj[pdf]'") from problem
    import matplotlib

    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    with tempfile.TemporaryDirectory(prefix="idmaj-") as name:
        folder = Path(name)
        (folder / TEMPLATE).write_text((TEMPLATES / TEMPLATE).read_text(encoding="utf-8"), encoding="utf-8")
        told = _told(study, report_of(study, dac), folder)
        (folder / "report.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        look = {"font_paths": [fonts], "ignore_system_fonts": True, "pdf_standards": ["ua-1"], "timestamp": 0}
        try:
            return bytes(typst.compile(folder / TEMPLATE, root=folder, **look))
        except typst.TypstError as problem:  # a blank name, or one with characters no picture can hold
            why = _(
                "--pdf: Typst cannot set this study ({problem}); accepted: the page, without --pdf", problem=problem
            )
            raise UserError(why) from problem


def _told(study: Study, said: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what the template sets, as JSON can hold it; pictures become files of the folder."""
    pictures = []
    for number, figure in enumerate(said["figures"]):
        path = folder / f"figure-{number}.svg"
        drawing = figure.wide.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        path.write_text(drawing.replace(FONT, "DejaVu Sans"), encoding="utf-8")
        pictures.append({"title": figure.title, "caption": figure.caption, "file": path.name})
    language = said["language"]
    kept = ("heading", "period", "runs", "made_of", "answer", "tables", "published", "sources", "rests_on")
    return {name: said[name] for name in (*kept, "called", "whys")} | {
        "lang": language.code,
        "rtl": language.right_to_left,
        "words": {each: _(each) for each in HEADINGS},
        "baseline": study.baseline,
        "choice": study.choice,
        "notes": [_("Mind: {note}", note=note) for note in study.notes],
        "money": study.money,
        "tells": study.tells,
        "criteria": [vars(each) for each in said["criteria"]],
        "figures": pictures,
        "differs": study.differs,
        "history": study.history,
        "cannot_tell": study.cannot_tell,
        "command": study.command,
        "fingerprints": [study.experiment.fingerprint, study.experiment.results_sha256],
    }
