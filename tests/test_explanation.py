"""--explain: every column that a report shows has its meaning below the tables, and nothing else has."""

from __future__ import annotations

import html
import json
import re

import pytest

from adambench.cli import exit_code
from adambench.render import Style, find_format
from adambench.render.parts.explanation import EXPLANATIONS, columns_of, explained, explanation_of

SMALL = ("--budget", "60", "--seeds", "3", "-q")
RUNS = {
    "run": ("run", "rosenbrock-2d", "noisy-quadratic", "--optimizers", "adam,sgd", *SMALL),
    "one seed": ("run", "rosenbrock-2d", "--budget", "60", "-q"),
    "compare": ("compare", "noisy-quadratic", "rosenbrock-2d", "--optimizers", "adam,adam:lr=0.1,sgd,rmsprop", *SMALL),
    "sweep": ("compare", "rosenbrock-2d", "--optimizers", "adam:lr=1e-3..1x4", *SMALL),
    "many": ("compare", *(f"sphere-{n}.yaml" for n in range(6)), "--optimizers", "adam,sgd", "--tune", "4", *SMALL),
    "steps": ("compare", "noisy-quadratic", "--optimizers", "adam,sgd", "--tune", "4", "--rule", "steps", *SMALL),
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """The JSON of each of RUNS."""
    folder = tmp_path_factory.mktemp("explained")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for n in range(6):
            noise = "noise: {gaussian: {std: 0.1}}\ntargets: [1e-1, {gradient: 0.1}]\n"
            (folder / f"sphere-{n}.yaml").write_text(f"name: sphere-{n}\nfunction: sphere\ndimension: {n + 2}\n{noise}")
        for name, arguments in RUNS.items():
            assert exit_code([*arguments, "--json", "-o", "report.json"]) == 0
            found[name] = json.loads((folder / "report.json").read_text())
    return found


def letters(text):
    """What is left when a line may break, or a character be escaped, anywhere."""
    return re.sub(r"[^a-z0-9]", "", html.unescape(text).lower())


@pytest.mark.parametrize("name", RUNS)
def test_every_column_of_a_report_has_an_explanation(documents, name):
    columns = columns_of(documents[name])
    assert columns
    for column in columns:
        assert explanation_of(column.title), column.title


def test_every_explanation_is_of_a_column_that_some_report_shows(documents):
    shown = {title.removesuffix(" ...") for document in documents.values() for title, _ in explained(document)}
    assert shown == set(EXPLANATIONS)


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("name", RUNS)
def test_explanations_are_printed_once_each_and_only_when_asked_for(documents, name, form):
    document = documents[name]
    render = find_format(form).render
    bare, told = (letters(render(document, Style(explain=on))) for on in (False, True))
    assert explained(document)
    for title, text in explained(document):
        assert told.count(letters(title + text)) == 1
        assert letters(text) not in bare


@pytest.mark.parametrize("title", EXPLANATIONS)
def test_an_explanation_is_short_and_prints_anywhere(title):
    text = EXPLANATIONS[title]
    assert text.isascii()
    assert text.endswith((".", ")"))
    assert 40 <= len(text) <= 400  # three lines of a terminal, or a little more


def test_the_option_explains_on_every_command_that_prints_a_report(documents, tmp_path, capsys):
    (tmp_path / "report.json").write_text(json.dumps(documents["compare"]))
    small = ("rosenbrock-2d", "--optimizers", "adam", "--budget", "20", "-q")
    for command in (("run", *small), ("compare", *small), ("summarize", str(tmp_path / "report.json"), "-q")):
        for form in ("table", "markdown"):
            assert exit_code([*command, "--format", form]) == 0
            assert "what the columns mean" not in capsys.readouterr().out.lower()
            assert exit_code([*command, "--format", form, "--explain"]) == 0
            assert "what the columns mean" in capsys.readouterr().out.lower()
