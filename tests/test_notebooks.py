"""The notebooks as they are stored: run, small, whole to read without running, and the same on every machine."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_BYTES = 250_000
PATHS = re.compile(r"/(?:home|root|Users|usr|opt|tmp|var|mnt|work)/|[A-Z]:\\\\|site-packages|\.venv")

Book = dict[str, Any]


def read(path: Path) -> Book:
    found: Book = json.loads(path.read_text(encoding="utf-8"))
    return found


def code(book: Book) -> list[Book]:
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


def outputs(book: Book) -> list[Book]:
    return [output for cell in code(book) for output in cell["outputs"]]


def wrong_with(book: Book) -> list[str]:
    """Say all that is wrong with a notebook as it is stored."""
    found = []
    counts = [cell["execution_count"] for cell in code(book)]
    if counts != list(range(1, len(counts) + 1)):
        found.append(f"not run in order, or not all of it: {counts}")
    if not outputs(book):
        found.append("no outputs are stored")
    if not any("image/png" in output.get("data", {}) for output in outputs(book)):
        found.append("no picture is stored")
    for output in outputs(book):
        if output["output_type"] == "error":
            found.append(f"an error: {output['ename']}")
        if output.get("name") == "stderr":
            found.append(f"something went to stderr: {output['text']}")
    said = json.dumps(list(map(words, outputs(book))))
    said += json.dumps([cell["source"] for cell in book["cells"]])
    found += [f"a path of some machine: {each}" for each in sorted(set(PATHS.findall(said)))]
    if set(book["metadata"]) != {"kernelspec", "language_info"} or set(book["metadata"]["language_info"]) != {"name"}:
        found.append(f"metadata: {book['metadata']}")
    found += [f"{cell['id']}: metadata {cell['metadata']}" for cell in book["cells"] if cell["metadata"]]
    title = "".join(book["cells"][0]["source"]).split("\n")[0]
    if not (title.startswith("# ") and title.endswith("?")):
        found.append(f"the title is no question: {title}")
    return found


def words(output: Book) -> Book:
    """Return an output without its pictures."""
    data = {kind: text for kind, text in output.get("data", {}).items() if not kind.startswith("image/")}
    return {"text": output.get("text", ""), "data": data}


def test_there_are_notebooks_and_the_readme_lists_them_all() -> None:
    listed = re.findall(r"^\| \[(\w+\.ipynb)\]\(\1\) \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.M)
    assert sorted(listed) == [path.name for path in NOTEBOOKS]
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_it_should_be(path: Path) -> None:
    assert wrong_with(read(path)) == []
    assert path.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_question_stands_in_the_readme(path: Path) -> None:
    title = "".join(read(path)["cells"][0]["source"]).split("\n")[0].removeprefix("# ")
    row = next(line for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines() if path.name in line)
    assert title in row


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_links_lead_somewhere(path: Path) -> None:
    text = "\n".join("".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "markdown")
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if not (FOLDER / target).is_file()] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_cells_have_names_that_stay(path: Path) -> None:
    names = [cell["id"] for cell in read(path)["cells"]]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


# From here on: can the check fail? Each case is one fault in a sound notebook.


def run(name: str, count: int, output: Book) -> Book:
    about = {"cell_type": "code", "id": name, "metadata": {}, "source": ["1 + 1"]}
    return {**about, "execution_count": count, "outputs": [output]}


def sound() -> Book:
    data = {"image/png": "iVBO/tmp/", "text/plain": "<Figure>"}
    picture = {"output_type": "display_data", "data": data, "metadata": {}}
    said = {"output_type": "stream", "name": "stdout", "text": ["3 of 4\n"]}
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# How many?\n"]}
    cells = [title, run("count", 1, said), run("draw", 2, picture)]
    return {"cells": cells, "metadata": {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}}}


def test_a_sound_notebook_passes() -> None:
    assert wrong_with(sound()) == []


@pytest.mark.parametrize(
    ("cell", "key", "value"),
    [
        (1, "execution_count", 3),
        (1, "execution_count", None),
        (1, "metadata", {"execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"}}),
        (2, "outputs", []),
        (2, "source", ["open('/home/somebody/register.csv')"]),
        (0, "source", ["# An answer\n"]),
    ],
)
def test_a_fault_is_found(cell: int, key: str, value: object) -> None:
    book = sound()
    book["cells"][cell][key] = value
    assert len(wrong_with(book)) == 1


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []},
        {"output_type": "stream", "name": "stderr", "text": ["a warning\n"]},
        {"output_type": "stream", "name": "stdout", "text": ["/root/.cache/idmaj\n"]},
        {"output_type": "execute_result", "data": {"text/plain": ["PosixPath('/tmp/idmaj-1')"]}, "metadata": {}},
    ],
)
def test_a_faulty_output_is_found(output: Book) -> None:
    book = sound()
    book["cells"][1]["outputs"].append(output)
    assert len(wrong_with(book)) == 1


def test_a_version_in_the_metadata_is_found() -> None:
    book = sound()
    book["metadata"]["language_info"]["version"] = "3.11.7"
    assert len(wrong_with(book)) == 1
