"""Answer the questions of questions.toml and write QUESTIONS.md: `python docs/make_questions.py [NUMBER...]`.

Each block holds the command, what it printed on the bundled fit, the fingerprint of the study behind it, and two lines
of reading. With numbers, only those questions are answered anew; all other blocks stay.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from idmaj.app import wording
from idmaj.scenarios.language import many

DOCS = Path(__file__).parent
QUESTIONS = tomllib.loads((DOCS / "questions.toml").read_text(encoding="utf-8"))["questions"]
PAGE = DOCS / "QUESTIONS.md"
HEAD = """# Questions

Each with the command that answers it, what it prints on the fit that comes with idmaj, and how to read it. The answers
are simulated; what they rest on stands in each report. `python docs/make_questions.py` makes this page.
"""
MOST_ROWS = 8


def answered(question: dict[str, Any]) -> str:
    """Run a question's command and return its block."""
    commands = [question[name] for name in ("before", "command") if name in question]
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            words = [*shlex.split(command)[1:], "--json"]
            done = subprocess.run(
                [sys.executable, "-m", "idmaj.app.cli", *words], cwd=folder, text=True, capture_output=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"{command}: {done.stderr}")
    found = json.loads(done.stdout)
    prints = found.get("fingerprints") or [found["fingerprint"]]
    lines = ["```sh", *commands, "```", "", shown(found, question), ""]
    lines += ["Reading: " + " ".join(question["reading"]), ""]
    lines += ["Study: " + ", ".join(f"`{each[:16]}`" for each in prints)]
    return "\n".join(lines)


def shown(found: dict[str, Any], question: dict[str, Any]) -> str:
    """Return what a command found, as the page shows it."""
    if "rows" in question:
        return compared(found, question["rows"])
    return verified(found) if "sound" in found else told(found, question.get("only", {}))


def verified(found: dict[str, Any]) -> str:
    """Return what checking a study found, as a sentence."""
    checked = f"{found['files']} files checked, {many('{n} chunk', '{n} chunks', found['run_again'])} run again"
    return f"> {checked}: {'all is as it was written' if found['sound'] else '; '.join(found['problems'])}."


def compared(found: dict[str, Any], outcomes: list[str]) -> str:
    """Return rows of a comparison as a table."""
    rows = ["| outcome | strategy | baseline | mean | difference | 95 % interval |", "|" + " --- |" * 6]
    for row in found["rows"]:
        if row["outcome"] in outcomes:
            numbers = [float("nan") if row[name] is None else row[name] for name in ("difference", "low", "high")]
            difference, low, high = wording.interval(numbers, row["unit"], sign=True)
            base, mean = (wording.level(row[name], row["unit"]) for name in ("baseline_mean", "mean"))
            unit = wording.shown_unit(row["unit"])
            label = f"{wording.label(row['outcome'])} ({unit})"
            rows.append(f"| {label} | {row['strategy']} | {base} | {mean} | {difference} | {wording.span(low, high)} |")
    return "\n".join(rows)


def told(found: dict[str, Any], only: dict[str, list[str]]) -> str:
    """Return the sentence of an answer, and the beginning of its first table, or only its rows with some words."""
    said = [f"> {found['sentence']}"]
    for title, every in list(found["tables"].items())[:1]:
        rows = [row for row in every if all(row[name] in words for name, words in only.items())]
        if rows:
            names = list(rows[0])
            said += ["", f"{title}:", "", "| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
            said += ["| " + " | ".join(cell(row[name]) for name in names) + " |" for row in rows[:MOST_ROWS]]
            said += [f"\n... and {len(rows) - MOST_ROWS} more rows"] if len(rows) > MOST_ROWS else []
    return "\n".join(said)


def cell(value: Any) -> str:
    """Return a cell with three significant digits."""
    if isinstance(value, float):
        return wording.number(value, max(0, wording.significant(value, 3)))
    return wording.MISSING if value is None else str(value).replace("|", "\\|")


def blocks() -> dict[str, str]:
    """Return the blocks of the page as it is, by question."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = re.split(r"^## \d+\. (.+)$", text, flags=re.MULTILINE)
    return {ask: block.strip() for ask, block in zip(found[1::2], found[2::2], strict=True)}


if __name__ == "__main__":
    before, wanted = blocks(), {int(word) for word in sys.argv[1:]}
    page = [HEAD]
    for number, question in enumerate(QUESTIONS, 1):
        ask = question["ask"]
        again = number in wanted if wanted else True
        page.append(f"## {number}. {ask}\n\n{answered(question) if again or ask not in before else before[ask]}\n")
        PAGE.write_text("\n".join(page), encoding="utf-8", newline="\n")
