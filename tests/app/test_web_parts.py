"""What the page is made of, without a browser: addresses, levers as a form, strategies kept, the live run, files."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from asgi import get
from small_studies import done, given_medians, small

from idmaj.app.web import compare, files, jobs, levers, life, live, page, strategy, studies, world
from idmaj.app.web.compare import asked
from idmaj.app.web.here import STUDY, VIEWS, Here, by_field
from idmaj.app.web.shelf import own_folder, shelf
from idmaj.scenarios.language import LANGUAGES, _, quoted, speaking
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError
from idmaj.sim.policy import differences
from idmaj.sim.settings import LEVERS
from idmaj.sim.store import Store
from idmaj.sim.strategy_words import SECTIONS

START = 228
NUMBERS_ASKED = {"years": 1, "draws": 2, "replications": 1, "seed": 1}


@pytest.mark.parametrize(("view", "option"), [(compare, "years"), (life, "person"), (world, "seed")])
def test_a_problem_names_the_field_and_nothing_that_only_looks_like_an_option(view, option):
    said = UserError("--{option}: found 90; in my--{option}, and --{option}-x --other", option=option)
    for code in LANGUAGES:
        with speaking(code):
            called = quoted(_(view.FIELDS[option]))
            assert by_field(said, view.FIELDS) == f"{called}: found 90; in my--{option}, and --{option}-x --other"


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def app():
    return page.application(frozenset({"testserver"}))


def test_an_address_says_where_one_is_and_nothing_else():
    assert Here.of("?view=life&lang=ar&study=a-b") == Here("life", "ar", "a-b")
    assert Here.of("view=nowhere&lang=de&other=1") == Here()
    assert Here.of("?view=study") == Here(), "of which?"
    here = Here("life", "fr", "x+y")
    assert Here.of(here.again("ar")[3:]) == Here("life", "ar", "x+y")
    assert Here.of(here.link(view="words")[3:]) == Here("words", "fr")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_a_page_in_each_language(app, view, code):
    answer = get(app, f"/?view={view}&lang={code}")
    assert answer.status == 200
    assert f'<html lang="{code}" dir="{LANGUAGES[code].direction}">' in answer.text
    assert "http://" not in answer.text and "https://" not in answer.text


def test_a_name_of_a_study_is_no_way_out_of_the_home(app, tmp_path):
    (tmp_path / "study.json").write_text("{}")
    for name in ("..", "../..", ".", ".page", "/etc", "no-such"):
        with pytest.raises(UserError):
            files.study_at_home(name)
    for path in ("/file/../study.json", "/file/%2e%2e/report-en.html", "/own/%2e%2e%2fhere.py", "/own/here.py"):
        assert get(app, path).status == 404
    for path in ("/workbook/%2e%2e.xlsx", "/workbook/..%2f..%2fx.xlsx", "/strategy/..%2f..%2fx.toml"):
        assert get(app, path).status == 404
    for name in ("..", "no-such"):
        text = get(app, f"/?view={STUDY}&study={name}").text
        assert "found no study" in text and 'role="alert"' in text


def test_a_strategy_is_handed_over_as_its_file(app):
    text = get(app, "/strategy/case_by_case.toml").text
    assert tomllib.loads(text)["extends"] == "continued"
    strategy.keep("mine", 'name = "Mine"\nextends = "continued"\nwhy = "So."\n[advisers]\nnumber = 5\n')
    assert get(app, "/strategy/mine.toml").text == (own_folder() / "mine.toml").read_text(encoding="utf-8")
    both = get(app, "/strategy/case_by_case+wage_jobs.toml").text
    kept = load(str(strategy.keep("both", both)))
    assert not differences(kept, load("case_by_case+wage_jobs"), START, START + 12)


def test_every_section_has_a_name():
    assert list(levers.SECTIONS) == list(SECTIONS)


def test_the_form_has_every_lever_once_as_the_base_has_it():
    base = load("case_by_case")
    controls = [control for section in levers.form(base, START, {}) for control in section.controls]
    assert sorted(control.column for control in controls) == sorted(LEVERS)
    values = {control.column: control.value for control in controls}
    assert values["advisers_mode"] == "case_by_case" and values["intake_projects_per_year"] == "88"
    said = {section.heading: section.rests_on for section in levers.form(base, START, {})}
    assert "judgement" in said["Accompaniment"] and "grade" in said["Training in the trade"]
    assert len(said) == len(SECTIONS) and all(said.values())


def test_a_form_left_alone_changes_nothing_and_a_file_holds_what_was_changed():
    base = load("continued")
    controls = [control for section in levers.form(base, START, {}) for control in section.controls]
    unchanged = {control.column: control.value for control in controls}
    assert levers.read(unchanged, base, START) == {}
    given = {"advisers_number": 5, "training_before_start": "true", "selection_rule": "need_first"}
    given |= {"funding_budget_mad_per_year": None, "grants_amount_mad": None}
    changed = levers.read(unchanged | given, base, START)
    assert changed == {
        "advisers_number": "5", "training_before_start": "true", "selection_rule": '"need_first"',
        "funding_budget_mad_per_year": "inf",
    }  # fmt: skip
    told = tomllib.loads(levers.toml('A "name"', "continued", "So.", "", changed))
    assert told["advisers"] == {"number": 5} and told["funding"]["budget_mad_per_year"] == float("inf")
    path = strategy.keep("mine", levers.toml("Mine", "continued", "So.", "2027-01", changed))
    mine = levers.changes_of(load(str(path)), base, START)
    assert mine == {}, "from 2027 on only"
    assert levers.changes_of(load(str(path)), base, START + 12)["advisers_number"] == 5


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"name", "ends in .toml"),
        ("x.toml", b"\xff\xfe\x00", "no text"),
        ("x.toml", b"name = ", "x.toml"),
        ("x.toml", b'name = "X"\nextends = "continued"\nwhy = "So."\n[advisers]\nnumbre = 3\n', "number"),
        ("x.toml", b'name = "X"\nextends = "continued"\nwhy = "So."\n[advisers]\nnumber = -3\n', "advisers"),
        ("continued.toml", b'name = "X"\nextends = "history"\nwhy = "So."\n', "catalogue"),
        ("...toml", b"", "letters and digits"),
        ("kept.toml", b'name = "Other"\nextends = "continued"\nwhy = "So."\n', "already"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason_and_what_was_there_stays(tmp_path, name, content, said):
    good = 'name = "X"\nextends = "continued"\nwhy = "So."\n'
    strategy.keep("kept", good)
    sent = tmp_path / "sent"
    sent.write_bytes(content)
    with pytest.raises(UserError, match=said) as refused:
        strategy.brought({"name": name, "datapath": str(sent)})
    assert str(own_folder()) not in str(refused.value), "the visitor's file has its own name"
    assert [path.name for path in own_folder().iterdir()] == ["kept.toml"]
    assert (own_folder() / "kept.toml").read_text(encoding="utf-8") == good


def test_own_strategies_are_on_the_shelf_and_broken_ones_are_not():
    path = strategy.keep("mine", 'name = "Mine"\nextends = "continued"\nwhy = "So."\n[advisers]\nnumber = 5\n')
    (own_folder() / "broken.toml").write_text("name =")
    found = {each.key for group in shelf().groups for each in group.strategies}
    assert str(path) in found and "case_by_case" in found and not any("broken" in key for key in found)
    assert {each.key for each in shelf().futures} >= {"recession", "surge"}
    with speaking("ar"):
        assert shelf().groups[0].heading != "Of your own"


def test_what_is_asked_is_the_command():
    plan, command = asked("continued", ["case_by_case", "continued"], "recession", "equal", " 2026-01 ", NUMBERS_ASKED)
    assert plan.keys == ["continued+recession", "case_by_case+recession"]
    assert command.startswith("idmaj compare continued+recession case_by_case+recession --start 2026-01 --years 1")
    assert asked("continued", [], "", "equal", "2026-01", NUMBERS_ASKED)[1].startswith("idmaj run continued")
    for wrong, said in (({"draws": None}, "--draws: found nothing"), ({"years": 99}, "--years: found 99")):
        with pytest.raises(UserError, match=said):
            asked("continued", ["case_by_case"], "", "equal", "2026-01", NUMBERS_ASKED | wrong)
    with pytest.raises(UserError, match="--start"):
        asked("continued", ["case_by_case"], "", "equal", "soon", NUMBERS_ASKED)


@pytest.mark.parametrize(
    ("key", "draw", "replication"), [("case_by_case", 0, 0), ("case_by_case", 1, 1), ("bare", 0, 0)]
)
def test_the_live_run_has_the_numbers_of_its_command(tmp_path, key, draw, replication):
    """Also of a strategy that extends nothing: its own settings hold from its start on, not in the past."""
    bare = 'name = "Bare"\nwhy = "So."\n[intake]\nprojects_per_year = 60\n[advisers]\nnumber = 2\n'
    which = str(strategy.keep("bare", bare)) if key == "bare" else key
    run = live.begin(which, 12, 1, draw, replication, 7)
    run.step(100)
    assert run.over
    words = [sys.executable, "-m", "idmaj.app.cli", *run.command.split()[1:], "--out", str(tmp_path / "run")]
    subprocess.run(words, check=True, capture_output=True)
    store = Store(tmp_path / "run")
    where = f"strategy = '{key}' and draw = {draw} and replication = {replication}"
    source = store.read_parquet("monthly")
    rows = store.query(f"select month, live_businesses, applications from {source} where {where}").fetchall()
    lived = run.world.history.state.monthly
    assert sorted(row[0] for row in rows) == list(range(12, 24))
    for month, live_businesses, applications in rows:
        assert (live_businesses, applications) == (lived["live_businesses"][month], lived["applications"][month])


def test_the_live_run_shows_places_people_and_businesses():
    run = live.begin("continued", 120, 1, 0, 0, 1)
    run.step(100)
    places = run.places()
    projects = sum(place["projects"] for place in places)
    assert projects == run.world.outcome("live_businesses")
    assert sum(place["people"] for place in places) == run.world.outcome("persons_present")
    assert sum(place["alone"] for place in places) == run.world.outcome("live_unassisted")
    run.follow(-1, 0)
    assert dict(run.followed())["Business"] == "0"
    run.follow(-1, 10**6)
    assert run.followed() == []
    assert len(run.line(300, 90)[0].split()) == 100
    with pytest.raises(UserError, match="2008-01"):
        live.begin("continued", 0, 1, 0, 0, 1)


def test_what_happens_to_whom_one_follows_is_told_in_order():
    run = live.begin("continued", 60, 1, 0, 0, 1)
    run.step(60)
    assert run.events and [when for when, _said in run.events] == sorted(when for when, _said in run.events)
    run.follow(43, -1)
    assert not run.events


def test_a_command_that_fails_leaves_its_complaint_and_none_is_started_twice(tmp_path):
    some = jobs.Jobs()
    some.start("one", ["compare", "continued", "no_such_strategy"])
    assert some.running("one")["command"] == ["compare", "continued", "no_such_strategy"]
    some.start("one", ["compare", "continued"])
    assert len(some.children) == 1, "it takes seconds to be loaded, and was not started anew"
    for child in some.children:
        child.wait(60)
    assert some.running("one") is None
    assert "no_such_strategy" in some.complaint("one")
    about = json.loads((jobs.kept() / "jobs" / "one.json").read_text())
    (jobs.kept() / "jobs" / "two.json").write_text(json.dumps(about | {"pid": 1}))
    assert some.running("two") is None, "another process that has its number now"
    assert some.running("never") is None and some.complaint("never") == ""
    some.stop("never")


def test_static_files_are_all_there():
    for name, folder in page.STATIC.items():
        assert (Path(folder) / name).is_file()


def test_what_people_write_never_becomes_part_of_the_page(app):
    strategy.keep("bad", 'name = "<img src=x onerror=1>"\nextends = "continued"\nwhy = "<script>x</script>"\n')
    for view in ("compare", "strategy"):
        text = get(app, f"/?view={view}&own=bad").text
        assert "&lt;img src=x" in text
        assert "<img src=x" not in text and "<script>x" not in text


DATED = """name = "Dated"
extends = "continued"
why = "So."

[[changes]]
date = "2027-01"
why = "Then."

[changes.advisers]
number = 5
"""


def test_a_form_holds_what_it_wrote_and_leaves_alone_what_it_would_lose(app):
    plain = levers.toml("P", "continued", "So.", "", {"advisers_number": "5"})
    dated = levers.toml("D", "continued", "So.", "2027-01", {"advisers_number": "5"})
    assert strategy.fits_a_form(plain) == "" and strategy.fits_a_form(dated) == "2027-01"
    later = DATED + '\n[[changes]]\ndate = "2029-01"\nwhy = "More."\n[changes.advisers]\nnumber = 7\n'
    for text in (
        'name = "R"\nfuture = true\nextends = "continued"\nwhy = "So."\n[shock]\ndemand_factor = 0.5\n',
        later, DATED, plain + "# why five?\n",
        plain.replace("number = 5", "number = 5 # as in 2018"), DATED.replace('"2027-01"', '"+24 months"'),
        DATED.replace("why = \"Then.\"", "why = \"Then.\"\nramp_months = 12"),
        'name = "B"\ncombines = ["wage_jobs", "cooperatives"]\nwhy = "So."\n',
    ):  # fmt: skip
        assert strategy.fits_a_form(text) is None, text
        strategy.keep("mine", text)
        page_of = get(app, "/?view=strategy&own=mine").text
        assert "<textarea" in page_of and "lever_advisers_number" not in page_of
        assert strategy.written_on(Here("strategy", own="mine")).text == text
    strategy.keep("mine", dated)
    on = strategy.written_on(Here("strategy", own="mine"))
    assert (on.since, on.text, on.changed) == ("2027-01", "", {"advisers_number": 5.0})
    assert '<input id="since" type="text" dir="ltr" class="shiny-input-text" value="2027-01"' in get(
        app, "/?view=strategy&own=mine"
    ).text


def test_a_first_visit_is_in_the_browsers_language_and_an_address_keeps_its_own(app):
    assert page.preferred("de-DE,fr-CH;q=0.9,en;q=0.8") == "fr" and page.preferred("ar-MA") == "ar"
    assert page.preferred("") == page.preferred("xx") == page.preferred("en-GB,fr") == "en"
    led = get(app, "/?view=life&study=a", accept_language="ar-MA,fr;q=0.5")
    assert led.status == 303 and Here.of(led.headers["location"][3:]) == Here("life", "ar", "a")
    assert get(app, "/?lang=en", accept_language="fr").status == 200
    assert get(app, "/", accept_language="en-GB").status == 200


def test_what_acts_on_nothing_is_said_when_a_strategy_is_kept_and_it_is_chosen_next(app):
    path = strategy.keep("mine", levers.toml("Mine", "continued", "So.", "", {"selection_quota_neediest": "0.6"}))
    with speaking("en"):
        said = strategy._said(path, Here("strategy"))
    assert "Mind: " in said and "quota_neediest" in said and "own=mine" in said
    chosen = get(app, "/?view=compare&own=mine").text
    assert f'value="{path}" checked' in chosen and 'value="case_by_case" checked' not in chosen
    assert 'value="case_by_case" checked' in get(app, "/?view=compare").text


def test_studies_are_listed_by_the_names_of_their_strategies(app, own_home):
    with given_medians():
        done(own_home / "one", small(draws=1, replications=1))
    text = get(app, "/?view=studies&lang=fr").text.replace("\u00a0", " ")
    assert "Poursuite de la stratégie actuelle" in text


def test_a_workbook_is_of_the_strategy_that_the_command_names():
    with given_medians():
        study = done(own_folder().parent.parent / "one", small(draws=1, replications=1))
    one, two = study.plan.keys
    study.about["command"] = f"idmaj compare {one} recession+neediest_first --years 1"
    path, command = studies.workbook_of(study, two, "fr")
    assert command[:5] == ["idmaj", "--lang", "fr", "plan", "recession+neediest_first"] and "-fr.xlsx" in path.name
    study.about["command"] = "idmaj size continued --target x"
    assert studies.named(study) == {}
    with pytest.raises(UserError, match="has changed since"):
        studies.workbook_of(study, two, "fr")
    with speaking("en"):
        assert "Workbook" not in studies.taken(study, Here("study"))


def test_a_file_that_is_meant_to_be_slow_is_too_large(tmp_path):
    sent = tmp_path / "sent"
    sent.write_text(".".join("a" * 60_000) + "=1")
    with pytest.raises(UserError, match="more than 100,000 bytes"):
        strategy.brought({"name": "x.toml", "datapath": str(sent)})
    with pytest.raises(UserError, match="more than 100,000 bytes"):
        strategy.keep("x", "#" * 100_001)


def test_strategies_that_would_rest_on_each_other_are_refused():
    form = 'name = "{}"\nextends = "{}"\nwhy = "So."\n'
    strategy.keep("a", form.format("A", "continued"))
    strategy.keep("b", form.format("B", "a.toml"))
    with pytest.raises(UserError, match="a.toml"):
        strategy.keep("a", form.format("A", "b.toml"))
    assert load(str(own_folder() / "b.toml")).below[0].key == "a"
    assert strategy.written_on(Here("strategy", own="b")).extends == "a.toml"


def test_what_is_begun_from_is_of_the_catalogue_or_of_ones_own(app):
    for base in ("/etc/passwd", "case_by_case+wage_jobs", "x" * 400, "../x.toml"):
        with pytest.raises(UserError, match="To begin from: found"):
            strategy.written_on(Here("strategy", base=base))
        assert get(app, f"/?view=strategy&base={base}").status == 200
    assert get(app, f"/?view=study&study={'x' * 400}").status == 200
    assert get(app, f"/file/{'x' * 400}/ends.csv").status == 404
    with pytest.raises(UserError, match="catalogue"):
        strategy.file_name("Past")


def test_a_workbook_is_not_offered_of_a_strategy_that_has_changed():
    path = strategy.keep("mine", levers.toml("Mine", "continued", "So.", "", {"advisers_number": "5"}))
    mine = (load("continued"), load(str(path)))
    with given_medians():
        study = done(own_folder().parent.parent / "one", small(strategies=mine, draws=1, replications=1))
    study.about["command"] = f"idmaj compare continued {path} --years 1"
    assert studies.named(study) == {"continued": "continued", "mine": str(path)}
    strategy.keep("mine", levers.toml("Mine", "continued", "So.", "", {"advisers_number": "9"}))
    assert studies.named(study) == {}
