"""`idmaj lasting`: curves of a study as answer, page and pictures, in three languages; and within the report."""

import json
import re

import pytest
from english_words import english
from small_studies import done, given_medians, small

from idmaj.app.answers import render
from idmaj.app.cli import main
from idmaj.app.lasting_figures import lasting_figures
from idmaj.app.report import render as render_report
from idmaj.app.study import account
from idmaj.scenarios.language import LANGUAGES, speaking
from idmaj.scenarios.questions.lasting import lasting
from idmaj.scenarios.questions.reading import called


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with given_medians():
        yield done(tmp_path_factory.mktemp("lasting") / "study", small(years=3, draws=2, replications=1))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_is_whole_in_each_language(study, code):
    with speaking(code):
        answer = lasting(study.results())
        names = called(study.plan)
        page = render(answer, "idmaj lasting", (), lasting_figures(answer, names))
    assert f'lang="{code}"' in page
    left = [part for part in english() if part in page]
    assert (left == []) == (code != "en")
    narrow = re.findall(r'<div class="narrow">(.*?)</div>', page, re.S)
    for picture in narrow:
        for name in names.values():
            assert name.split()[0] in picture
    assert "survival-narrow" in narrow[0] and "endings-narrow" in narrow[1]


def test_colours_in_the_legend_are_those_of_the_lines(study):
    answer = lasting(study.results())
    drawn = lasting_figures(answer, called(study.plan))[0].wide
    from idmaj.app.figures import colours

    keys = study.plan.keys
    hues = colours(keys, keys[0])
    assert {hues[key] for key in keys} <= set(re.findall("#[0-9a-f]{6}", drawn))
    legend = drawn[drawn.rindex("legend") :]
    order = [hue for hue in re.findall("#[0-9a-f]{6}", legend) if hue in hues.values()]
    assert list(dict.fromkeys(order)) == [hues[key] for key in keys]


def test_the_command_answers_as_json_and_refuses_what_is_none(study, capsys, monkeypatch):
    with given_medians():
        with pytest.raises(SystemExit) as end:
            main(["lasting", str(study.folder), "--runs", "2", "--json"])
        assert not end.value.code
        told = json.loads(capsys.readouterr().out)
        assert told["runs"] == 2 and told["command"].endswith("--runs 2") and told["rows"]
        for words, said in ((["--runs", "0"], "--runs: found 0"), (["--runs", "few"], "--runs")):
            with pytest.raises(SystemExit) as end:
                main(["lasting", str(study.folder), *words])
            assert end.value.code == 2 and said in capsys.readouterr().err


def test_the_report_shows_the_curves(study):
    said = account(study.results(), study.about["command"])
    page = render_report(said)
    assert "Kaplan-Meier" in page and "Aalen-Johansen" in page
    drawn = lasting_figures(lasting(study.results()), called(study.plan))
    assert all(figure.wide in page for figure in drawn), "the report draws what the command draws"
