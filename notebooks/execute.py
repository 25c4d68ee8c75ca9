"""Run notebooks and store what comes out, without what differs from one machine to the next.

``python notebooks/execute.py`` runs all of them, ``python notebooks/execute.py strategist`` one.
"""

import argparse
import base64
import io
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
LANGUAGE = {"name": "python"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


COLOURS = 128


def small(picture: str) -> str:
    """Return a PNG with as few colours as a figure needs, both as base64."""
    stream = io.BytesIO()
    drawn = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(stream, "png", optimize=True)
    return base64.b64encode(stream.getvalue()).decode() + "\n"


def execute(path: Path) -> None:
    """Run a notebook in an empty folder and write it back: outputs, but no times and no versions."""
    book = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(book, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    book.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    for cell in book.cells:
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.update({kind: small(data[kind]) for kind in ("image/png",) if kind in data})
    nbformat.validate(book)
    nbformat.write(book, path)


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(description="Run notebooks and store what comes out.")
    parser.add_argument("names", nargs="*", default=sorted(path.stem for path in HERE.glob("*.ipynb")))
    for name in parser.parse_args().names:
        execute(HERE / f"{name}.ipynb")


if __name__ == "__main__":
    main()
