"""What is installed: one name, `idmaj`, with its data, by wheel and by both kinds of editable install."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("sim", "calibration", "scenarios", "app")
NEEDED_TO_BUILD = ("pyproject.toml", "README.md", "LICENSE")

LOOK = """
import importlib, json
from importlib.metadata import entry_points, version
from importlib.resources import files
import idmaj
from idmaj.sim import simulate  # reaches the rules and the phases
names = ["idmaj.sim", "idmaj.calibration", "idmaj.scenarios", "idmaj.app"]
modules = {name: importlib.import_module(name) for name in names}
evidence = files("idmaj.calibration") / "evidence"
print(json.dumps({
    "files": {name: module.__file__ for name, module in modules.items()},
    "namespace": getattr(idmaj, "__file__", None) is None,
    "evidence": sorted(entry.name for entry in evidence.iterdir() if entry.name.endswith(".csv")),
    "catalogue": sorted(entry.name for entry in (files("idmaj.scenarios") / "catalogue").iterdir()),
    "version": version("idmaj"),
    "main": callable(entry_points(group="console_scripts")["idmaj"].load()),
}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command away from the checkout's environment settings and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment | {"IDMAJ_CACHE_DIR": str(cwd / "cache")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pip(python: Path | str, *words: str | Path, cwd: Path) -> None:
    """Install or build with this environment's pip and setuptools, for the environment of `python`."""
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "--python", python, words[0], "-q", *offline, *words[1:], cwd=cwd)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a build reads, so that it leaves nothing behind in the checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in NEEDED_TO_BUILD:
        shutil.copy(ROOT / name, copy / name)
    for name in (*FOLDERS, "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip(sys.executable, "wheel", "--wheel-dir", folder, checkout, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def new_environment(folder: Path) -> Path:
    """Make an environment that sees the libraries of this one, though not its `idmaj`; return its Python.

    A line in a .pth file adds a folder to the path but does not read that folder's own .pth files, so an
    editable `idmaj` of the running environment stays out of sight.
    """
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    site = Path(run(python, "-c", ask, cwd=folder).strip())
    here = {sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")}
    (site / "libraries.pth").write_text("\n".join(sorted(here)) + "\n", encoding="utf-8")
    return python


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_one_top_level_name(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in contents(wheel)}
    assert "idmaj" in tops
    assert [top for top in tops if top != "idmaj" and not top.endswith(".dist-info")] == []
    seconds = {name.split("/")[1] for name in contents(wheel) if name.startswith("idmaj/")}
    assert seconds == set(FOLDERS), "no tests, and no __init__.py: idmaj is a namespace"


def test_the_wheel_holds_every_module_and_every_data_file(wheel: Path) -> None:
    inside = contents(wheel)
    wanted = {
        f"idmaj/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for pattern in ("*.py", "*.csv", "*.toml", "*.j2", "*.typ", "*.css", "*.html", "*.mo", "py.typed")
        for path in (ROOT / folder).rglob(pattern)
    }
    assert wanted - inside == set(), "list the package or the data file in pyproject.toml"


@pytest.mark.parametrize(
    "name",
    [
        *(f"idmaj/{folder}/py.typed" for folder in FOLDERS),
        "idmaj/calibration/history.toml",
        "idmaj/calibration/evidence/evidence.csv",
        "idmaj/calibration/evidence/priors.csv",
        "idmaj/scenarios/catalogue/historical.toml",
    ],
)
def test_the_wheel_holds(name: str, wheel: Path) -> None:
    assert name in contents(wheel)


def test_every_folder_of_modules_is_a_listed_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    there = {"idmaj." + ".".join(path.relative_to(ROOT).parts) for path in folders}
    assert set(settings["packages"]) == there
    assert set(settings["package-dir"]) == there


@pytest.mark.parametrize("kind", ["wheel", "lenient editable", "strict editable"])
def test_an_install_imports(kind: str, wheel: Path, checkout: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "environment")
    source = checkout
    if kind == "wheel":
        pip(python, "install", wheel, cwd=tmp_path)
        source = python.parent.parent
    elif kind == "lenient editable":
        pip(python, "install", "-e", checkout, cwd=tmp_path)
    else:
        source = tmp_path / "strict"  # a strict install keeps its tree of links inside the checkout
        shutil.copytree(checkout, source, ignore=shutil.ignore_patterns("build", "*.egg-info"))
        pip(python, "install", "--config-settings", "editable_mode=strict", "-e", source, cwd=tmp_path)

    seen = json.loads(run(python, "-c", LOOK, cwd=tmp_path))

    assert set(seen["files"]) == {f"idmaj.{folder}" for folder in FOLDERS}
    for name, file in seen["files"].items():
        assert Path(file).is_relative_to(source), f"{name} comes from {file}, not from this install"
    assert seen["namespace"]
    assert seen["main"]
    assert seen["evidence"] == sorted(path.name for path in (ROOT / "calibration/evidence").glob("*.csv"))
    assert seen["catalogue"] == sorted(path.name for path in (ROOT / "scenarios/catalogue").glob("*.toml"))
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert seen["version"] == settings["project"]["version"]


def test_the_files_of_tests_that_come_first_are_there() -> None:
    from conftest import LONGEST

    assert set(LONGEST) <= {path.stem for path in Path(__file__).parent.rglob("test_*.py")}
