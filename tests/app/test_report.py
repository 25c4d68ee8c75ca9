"""The report: it asks nothing of any network, says what the numbers say, and can be read by everybody."""

import csv
import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from idmaj.app import wording
from idmaj.app.figures import differences_figure, fan_figure
from idmaj.app.report import answer, clear_changes, render, verdict
from idmaj.app.study import cited, judged, predicted
from idmaj.app.study_files import contents, csv_text, harmless
from idmaj.app.wording import NEGLIGIBLE


class Page(HTMLParser):
    """Collect the tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def html(study) -> str:
    return render(study)


@pytest.fixture(scope="module")
def page(html) -> Page:
    found = Page()
    found.feed(html)
    return found


def test_nothing_is_fetched(html, page):
    assert "url(" not in html
    assert "@import" not in html
    assert "<script" not in html
    for tag, attributes in page.tags:
        assert tag not in {"script", "link", "iframe", "object", "embed", "img", "base", "form", "a"}
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("src", "data:").startswith("data:")
        assert attributes.get("href", attributes.get("xlink:href", "#")).startswith("#")


def test_the_page_forbids_itself_to_fetch(page):
    policies = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_text_from_outside_stays_text(html, odd):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>" not in render(odd)


def test_it_can_be_read_without_seeing_it(page):
    assert ("html", {"lang": "en", "dir": "ltr"}) in page.tags
    figures = [a for tag, a in page.tags if tag == "svg"]
    assert len(figures) == 10  # five, each in two cuts
    assert all(a["role"] == "img" and len(a["aria-label"]) > 30 for a in figures)
    assert all(a.get("scope") in {"row", "col"} for tag, a in page.tags if tag == "th")
    scrolled = [a for tag, a in page.tags if a.get("class") == "scroll"]
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in scrolled)


def test_no_id_stands_twice(page):
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in page.tags if tag == "use"} <= set(ids)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_letters_has_contrast(html):
    from idmaj.app.figures import BASELINE, INK, PALETTE, QUIET

    named = dict(re.findall(r"--(\w+): (#\w{6})", html))
    letters = [named[name] for name in ("ink", "quiet", "accent", "good", "bad")]
    for colour in (*letters, BASELINE, INK, QUIET, *PALETTE):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5, colour


def test_the_same_study_gives_the_same_bytes(study, html):
    assert render(study) == html


def test_the_answer_comes_first_and_says_what_the_rows_say(study, page):
    text = " ".join("".join(page.words).split())
    said = " ".join(answer(study).split())
    assert text.index(said) < text.index("Results")
    row = study.rows[(study.rows.outcome == "live_businesses") & (study.rows.strategy == "neediest_first")].iloc[0]
    difference, low, high = wording.interval((row.difference, row.low, row.high), row.unit, sign=True)
    assert ("raises" if row.difference > 0 else "lowers") in said
    assert difference.lstrip("+" + wording.MINUS) in said
    assert f"{low} to {high}" in said


def test_every_row_of_the_table_is_on_the_page(study, html):
    for row in study.rows.itertuples():
        numbers = (row.difference, row.low, row.high)
        for text in wording.interval(numbers, row.unit, sign=True):
            assert text in html


def test_it_shows_limits_sources_command_and_fingerprint(study, page):
    text = " ".join("".join(page.words).split())
    for sentence in (*study.cannot_tell, *study.history, study.command, study.experiment.fingerprint):
        assert " ".join(sentence.split()) in text
    assert "41 rest on judgement alone" in text
    assert "Yabiladi via Maghress 53951" in text
    assert "Rests mostly on judgement" in text


@pytest.mark.parametrize("narrow", [False, True])
def test_a_name_with_dollar_signs_is_drawn_as_it_stands(study, narrow):
    """It is no formula, and no broken one."""
    name = r"Costs $\frac{ and $5"
    monthly = study.experiment.monthly
    called = dict.fromkeys(study.called, "Other") | {"neediest_first": name}
    fan = fan_figure(monthly, called, study.baseline, "live_businesses", {name: 240}, "words", narrow)
    assert fan.count(name) == 2
    rows = study.rows[study.rows.outcome == "live_businesses"]
    assert name in differences_figure(rows, called, {}, "words", narrow)


def test_a_single_strategy_and_a_single_pair_have_reports_too(single, odd):
    assert "95 % interval of the mean" in render(single)
    assert "too few runs for an interval" in answer(odd)
    assert clear_changes(odd, "=1+1").endswith("no outcome changes clearly.")


@pytest.mark.parametrize(
    ("low", "high", "better", "word"),
    [
        (1.5, 3.0, 1, "better"),
        (1.5, 3.0, -1, "worse"),
        (-3.0, -1.5, -1, "better"),
        (1.5, 3.0, 0, "higher"),
        (-1.5, 3.0, 1, "unclear"),
        (0.0, 0.0, 1, "no change"),
        (-0.5 * NEGLIGIBLE * 100, 0.9 * NEGLIGIBLE * 100, 1, "negligible"),
        (math.nan, math.nan, 1, "unknown"),
    ],
)
def test_a_verdict_is_what_the_interval_says(study, low, high, better, word):
    row = pd.Series({"outcome": "x", "low": low, "high": high, "baseline_mean": 100.0})
    outcome = replace(study.outcomes["live_businesses"], better=better)
    assert verdict(row, {"x": outcome}) == word


def test_numbers_are_written_for_people():
    assert wording.level(0.537, "share", with_unit=True) == "53.7\u00a0%"
    assert wording.level(3_970_056.0, "MAD 2016") == "3,970,000"
    assert wording.level(1886.4, "MAD 2016/month") == "1,886"
    assert wording.interval((-4.32, -6.68, -1.96), "projects", sign=True) == ["−4.3", "−6.7", "−2.0"]
    assert wording.interval((0.03, 0.02, 0.04), "share", sign=True) == ["+3.0", "+2.0", "+4.0"]
    assert wording.interval((0.0, 0.0, 0.0), "hours", sign=True) == ["0", "0", "0"]
    assert wording.number(math.nan) == "–"
    assert wording.label("survival_3y") == "Survival at 3 years"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.label("cost_per_net_job") == "Cost per net livelihood year"
    assert wording.interval((-0.0041, -0.0052, -0.003), "index", sign=True) == ["−0.0041", "−0.0052", "−0.0030"]
    assert wording.separated("3600 to 4786, about 90; 0.12345") == "3,600 to 4,786, about 90; 0.12345"
    two = "One (P001). Two, at EUR 1 = 10.9 MAD!"
    assert wording.first_sentences(f"{two} Three.", 2) == two


def test_pictures_come_before_the_long_tables_and_every_cell_has_its_label_on_a_phone(html):
    assert html.index('id="figures"') < html.index('id="results"')
    assert "td::before { content: attr(data-label); display: block; white-space: normal;" in html
    for table in re.findall(r'<table class="[^"]*cards">.*?</table>', html, re.DOTALL):
        assert len(re.findall(r"<td", table)) == len(re.findall(r"data-label=", table)) > 0


def test_what_clearly_changes_is_said_with_numbers_and_few_are_named(study):
    said = clear_changes(study, "neediest_first")
    named = re.findall(r"[+−][\d,.]+", said)
    assert 1 <= len(named) <= 16
    assert "more in the table" in said
    assert "households that live without aid" in said or "self reliant" not in said


def test_every_figure_marked_predicted_is_in_the_sentence(study):
    published = study.experiment.published
    (sentence,) = predicted(published)
    rows = published[published["role"] == "predicted"]
    assert f"Predicted, never shown to it, {len(rows)} figures: " in sentence
    assert all(row.figure in sentence for row in rows.itertuples())


def test_evidence_is_found_in_what_cites_it():
    assert cited(["P001 and R110-R112; priors.csv", "judgement"]) == ["P001", "R110", "R111", "R112"]
    assert judged("judgement; kept wide")
    assert not judged("L018; judgement")


# The files


def test_tables_come_back_as_they_were(study, tmp_path: Path):
    with contents(study) as files:
        assert set(files) == {"report.html", "ends.csv", "differences.csv", "monthly.csv", "groups.csv"}
        ends = pd.read_csv(files["ends.csv"])
    everything = pd.concat(list(study.ends()), ignore_index=True)
    pd.testing.assert_frame_equal(ends, everything, check_dtype=False, check_exact=False)
    rows = pd.read_csv(io.StringIO(files["differences.csv"]))
    assert rows["difference"].tolist() == pytest.approx(study.rows["difference"].tolist(), nan_ok=True)
    assert "calendar" in pd.read_csv(io.StringIO(files["monthly.csv"]), nrows=5).columns


def test_no_cell_is_a_formula(odd):
    with contents(odd) as files:
        texts = {name: text if isinstance(text, str) else text.read_text("utf-8") for name, text in files.items()}
    for name, text in texts.items():
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(text)):
                for cell in row:
                    assert not cell.startswith(("=", "+", "@")), (name, cell)
                    assert not cell.startswith("-") or math.isfinite(float(cell))
    assert "'=1+1" in csv_text(odd.rows)
    assert [harmless(cell) for cell in ("-x", "@x", "+x", "x", -1.5)] == ["'-x", "'@x", "'+x", "x", -1.5]
