"""A strategist's first visit in a real browser, in three languages, by keyboard alone, with bad files; nothing is lost.

Screenshots of each view go to the folder that IDMAJ_SCREENSHOTS names, where it does.
"""

import json
import math
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from browsing import IN_A_BROWSER, LONG, choose_small, served, settle, until

from idmaj.app.web.here import VIEWS
from idmaj.app.web.levers import SECTIONS
from idmaj.scenarios.language import LANGUAGES

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def study(browser, page_of_all):
    """Run a study from the page, and return its name."""
    page = browser.new_page()
    page.set_default_timeout(LONG)
    page.goto(page_of_all.address)
    page.wait_for_selector("#asked_for code")
    choose_small(page)
    page.click("#run")
    page.wait_for_url("**study=**")
    page.wait_for_selector("#report h1")
    name = re.search(r"study=([^&]+)", page.url)[1]
    page.close()
    return name


def test_a_first_visit_ends_with_the_numbers_of_the_command(visit, study, page_of_all):
    page = visit(f"?view=study&study={study}")
    page.wait_for_selector("#report table.cards")
    command = page.inner_text("#main > .command code")
    words = [sys.executable, "-m", "idmaj.app.cli", *command.split()[1:], "--json"]
    environment = os.environ | {"IDMAJ_STUDIES": str(page_of_all.home)}
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout)
    rows = {row["outcome"]: row for row in told["rows"]}
    shown = page.locator("#report table.cards tbody tr").all_inner_texts()
    assert len(shown) == len(rows)
    from idmaj.app import wording

    for row, text in zip(rows.values(), shown, strict=True):
        known = [math.nan if row[name] is None else row[name] for name in ("difference", "low", "high")]
        numbers = wording.interval(known, row["unit"], sign=True)
        assert wording.label(row["outcome"]) in text
        for number in numbers:
            assert number in text, (row["outcome"], numbers, text)
    with page.expect_download() as taken:
        page.click('#take a[href$="differences.csv"]')
    assert taken.value.suggested_filename == "differences.csv"
    assert "live_businesses" in Path(taken.value.path()).read_text()
    with page.expect_download() as taken:
        page.click('#take a[href$="report-ar.html"]')
    assert '<html lang="ar" dir="rtl">' in Path(taken.value.path()).read_text(encoding="utf-8")


def test_a_workbook_is_made_by_its_command(visit, study):
    page = visit(f"?view=study&study={study}")
    page.wait_for_selector("#make")
    page.click("#make")
    page.wait_for_selector('#workbook a[href^="workbook/"]')
    with page.expect_download() as taken:
        page.click('#workbook a[href^="workbook/"]')
    assert Path(taken.value.path()).read_bytes()[:2] == b"PK"


def test_survival_curves_stand_among_the_results(visit, study):
    page = visit(f"?view=study&study={study}&lang=fr")
    page.wait_for_selector(".report svg")
    assert "Kaplan-Meier" in page.inner_text("main") and "Aalen-Johansen" in page.inner_text("main")
    assert scan(page) == []


def scan(page) -> list[str]:
    """Return what an accessibility scan finds, a line each."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['help']} ({'; '.join(str(node['target']) for node in each['nodes'][:3])})"
        for each in found["violations"]
    ]


ENGLISH = re.compile(r"\b(the|and|of|with|strategy|study|month|run|from)\b", re.IGNORECASE)
NOT_TRANSLATED = "code, pre, [lang=en], .sources, .words dt, .file, #gone"
"""Parts that stay as they are: commands, files, published figures."""


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("view", [*VIEWS, "study"])
def test_each_view_is_accessible_in_the_readers_language(visit, study, view, code):
    page = visit(f"?view={view}&lang={code}&study={study if view in ('study', 'life') else ''}")
    if view == "study":
        page.wait_for_selector("#report h1")
    elif view == "life":
        page.wait_for_selector("#life h1")
    elif view == "world":
        page.fill("#start", "2009-01")
        page.click("#begin")
        page.wait_for_selector("#now svg")
    settle(page)
    assert page.evaluate("document.documentElement.lang") == code
    assert page.evaluate("document.documentElement.dir") == LANGUAGES[code].direction
    assert scan(page) == []
    seen = page.evaluate(
        "(leave) => { const body = document.body.cloneNode(true);"
        "body.querySelectorAll(leave + ', script, style').forEach((part) => part.remove());"
        "return body.textContent; }",
        NOT_TRANSLATED,
    )
    english = [seen[max(0, word.start() - 30) : word.end() + 30] for word in ENGLISH.finditer(seen)]
    assert len(english) > 4 if code == "en" else english == [], english
    folder = os.environ.get("IDMAJ_SCREENSHOTS")
    for name, width in (("laptop", 1280), ("phone", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width + 1, f"scrolls sideways at {width}: {wide}"
        if folder:
            page.screenshot(path=Path(folder) / f"{view}-{code}-{name}.png", full_page=True)


def test_by_keyboard_alone_a_strategy_is_written_and_kept(visit, page_of_all):
    page = visit("?view=strategy")
    settle(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    reached = []
    for _step in range(200):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        reached.append(where)
        if where == "name":
            page.keyboard.type("By keys")
        elif where == "why":
            page.keyboard.type("To see.")
        elif where == SECTIONS["advisers"]:
            page.keyboard.press("Enter")
        elif where == "lever_advisers_number":
            page.keyboard.press("Control+a")
            page.keyboard.type("7")
        elif where == "keep":
            page.keyboard.press("Enter")
            break
    assert {"name", "why", "lever_advisers_number", "keep"} <= set(reached)
    page.wait_for_selector("#kept .done")
    assert "7 advisers instead of" in page.inner_text("#kept")
    text = (page_of_all.home / ".page" / "strategies" / "by_keys.toml").read_text(encoding="utf-8")
    assert "number = 7" in text and 'why = "To see."' in text
    page = visit("?view=compare")
    page.wait_for_selector("#asked_for code")
    page.focus('input[value$="by_keys.toml"]')
    page.keyboard.press("Space")
    until(page, "document.querySelector('#asked_for code')?.textContent.includes('by_keys.toml')")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.png", b"\x89PNG", "se termine par .toml"),
        ("x.toml", b"\xff\xfe", "n'est pas du texte"),
        ("x.toml", b"name = 'X'\nextends = 'nobody'\nwhy = 'So.'\n", "nobody"),
        ("x.toml", b"<script>alert(1)</script>", "x.toml"),
    ],
)
def test_a_bad_upload_is_refused_in_words(visit, page_of_all, name, content, said):
    page = visit("?view=strategy&lang=fr")
    settle(page)
    page.set_input_files("#bring", {"name": name, "mimeType": "text/plain", "buffer": content})
    page.wait_for_selector("#kept .problem")
    assert said in page.inner_text("#kept")
    assert not (page_of_all.home / ".page" / "strategies" / "x.toml").exists()


def test_an_upload_that_is_too_large_is_not_taken(browser, page_of_all):
    page = browser.new_page()
    page.goto(page_of_all.address + "?view=strategy")
    page.wait_for_selector("#written code")
    large = {"name": "x.toml", "mimeType": "text/plain", "buffer": b"#" * 1_500_000}
    with page.expect_response(lambda response: "/upload/" in response.url) as answered:
        page.set_input_files("#bring", large)
    assert answered.value.status == 413
    page.fill("#name", "Still here")
    page.press("#name", "Tab")
    until(page, "document.querySelector('#written code').textContent.includes('Still here')")
    assert not page.is_visible("#gone")
    page.close()


def test_what_cannot_be_asked_is_said_where_it_is_asked(visit):
    page = visit("?lang=ar")
    page.wait_for_selector("#asked_for code")
    page.fill("#years", "90")
    page.press("#years", "Tab")
    page.wait_for_selector("#asked_for .problem")
    said = page.inner_text("#asked_for")
    assert "90" in said and re.search("[\u0600-\u06ff]", said) and "found" not in said
    label = page.inner_text("label[for=years]").replace(" ", "\u00a0")
    assert f"\n«{label}»" in said and "--" not in said, "by the field, not by the option, from right to left"
    page.click("#run")
    page.wait_for_selector("#said .problem")
    assert "study=" not in page.url


def test_a_study_outlives_browser_and_server_and_is_stopped_and_continued(browser, home):
    with served(home) as first:
        page = browser.new_page()
        page.set_default_timeout(LONG)
        page.goto(first.address)
        page.wait_for_selector("#asked_for code")
        page.fill("#draws", "400")
        page.fill("#replications", "3")
        page.press("#replications", "Tab")
        until(page, "document.querySelector('#asked_for code')?.textContent.includes('--replications 3')")
        page.click("#run")
        page.wait_for_selector("progress[value]:not([value='0'])")
        query = page.url.partition("?")[2]
        page.close()
    with served(home) as second:
        page = browser.new_page()
        page.set_default_timeout(LONG)
        page.goto(f"{second.address}?{query}")
        page.wait_for_selector("#stop")
        done = float(page.get_attribute("progress", "value"))
        until(page, f"Number(document.querySelector('progress').value) > {done}")
        page.click("#stop")
        page.wait_for_selector("#go_on")
        kept = float(page.get_attribute("progress", "value"))
        assert kept >= done > 0
        page.click("#go_on")
        page.wait_for_selector("#stop")
        until(page, f"Number(document.querySelector('progress').value) > {kept}")
        page.click("#stop")
        page.wait_for_selector("#go_on")
        page.close()


def test_the_address_is_this_machines_alone(page_of_all):
    import urllib.error
    import urllib.request

    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        request = urllib.request.Request(page_of_all.address, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code in (403, 421)
        refused.value.close()


def test_a_port_that_is_taken_and_an_address_that_is_none_are_said(page_of_all, capsys):
    from idmaj.app.cli import main

    port = page_of_all.address.rsplit(":", 1)[1].strip("/")
    for words, said in ((["--port", port], "another port"), (["--host", "nowhere"], "an address of this machine")):
        with pytest.raises(SystemExit) as end:
            main(["app", "--no-browser", *words])
        assert end.value.code == 2
        assert said in capsys.readouterr().err
