"""Compiled code is kept in a folder of its own version."""

import os

import pytest

from idmaj.sim import rule


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    monkeypatch.setenv("IDMAJ_CACHE_DIR", str(tmp_path / "cache"))
    rule.cache_folder.cache_clear()
    yield
    rule.cache_folder.cache_clear()


def test_the_folder_is_named_after_the_code():
    assert rule.cache_folder().name == f"compiled-{rule.code_hash()[:16]}"


def test_only_the_latest_versions_are_kept(tmp_path):
    for age in range(6):
        old = tmp_path / "cache" / f"compiled-{age}"
        old.mkdir(parents=True)
        os.utime(old, (1000 + age, 1000 + age))
    kept = rule.cache_folder()
    left = {path.name for path in kept.parent.iterdir()}
    assert left == {kept.name, "compiled-5", "compiled-4"}


def test_a_folder_that_cannot_be_written_is_said_and_not_used(tmp_path, capsys):
    (tmp_path / "cache").write_text("a file in the way")
    assert rule.cache_folder() is None
    assert "compiled code is not kept" in capsys.readouterr().err
