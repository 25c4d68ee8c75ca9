"""What stands in the forms of the page stays there, until something else is meant."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import IN_A_BROWSER, choose_small, settle, until

pytestmark = IN_A_BROWSER


def test_a_form_stays_filled_in_when_the_language_changes(visit):
    page = visit("?lang=en")
    choose_small(page)
    page.check("input[value=cooperatives]")
    page.uncheck("input[value=case_by_case]")
    until(page, "document.querySelector('#asked_for code').textContent.includes('continued cooperatives')")
    command = page.inner_text("#asked_for code")
    page.click(".languages a[lang=fr]")
    page.wait_for_url("**lang=fr**")
    until(page, "document.querySelector('#asked_for code')?.textContent.includes('--draws 6')")
    assert page.inner_text("#asked_for code") == command
    page.reload()
    until(page, "document.querySelector('#asked_for code')?.textContent.includes('--draws 25')")
    page.goto(page.url.replace("lang=fr", "lang=fr&view=strategy"))
    page.fill("#name", "Mine, and nobody's")
    page.press("#name", "Tab")
    until(page, "document.querySelector('#written code')?.textContent.includes('Mine')")
    page.click(".languages a[lang=ar]")
    page.wait_for_url("**lang=ar**")
    until(page, "document.querySelector('#written code')?.textContent.includes('Mine')")
    assert page.input_value("#name") == "Mine, and nobody's"


@pytest.fixture(scope="module")
def study(home):
    """Have a study, two years long, in which some lives differ; return its name."""
    words = ["compare", "continued", "neediest_first", "--start", "2014-01", "--years", "2", "--draws", "2"]
    command = [sys.executable, "-m", "idmaj.app.cli", *words, "--replications", "1", "--json"]
    environment = os.environ | {"IDMAJ_STUDIES": str(home)}
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return Path(json.loads(told)["study"]).name


def test_whose_life_it_is_stays_until_somebody_else_is_proposed(visit, study):
    page = visit(f"?view=life&lang=en&study={study}")
    page.wait_for_selector("#life h1")
    until(page, "document.querySelector('#person').value != 42")
    proposed = page.input_value("#person")
    page.fill("#person", "17")
    page.press("#person", "Tab")
    page.click(".languages a[lang=fr]")
    page.wait_for_url("**lang=fr**")
    page.wait_for_selector("#life h1")
    settle(page)
    assert page.input_value("#person") == "17"
    page.fill("#person", "999999")
    page.press("#person", "Tab")
    page.click("#tell")
    page.wait_for_selector("#life .problem")
    assert page.inner_text("label[for=person]").split(",")[0] in page.inner_text("#life .problem")
    page.click("#propose")
    until(page, f"document.querySelector('#person').value == {proposed}")
