"""Templates: what they may say, and what is said of what they may not."""

from pathlib import Path

import pytest

from jobs.posters.templates import find, shipped
from jobs.spec import JobSpecProblems
from pipeline.errors import InputError
from pipeline.poster.canvas import FORMATS
from pipeline.poster.variables import UnknownVariable, fill, names

PLAIN = """\
title: Plain
variables:
  headline: {default: Hello}
palettes:
  ink: {paper: "#fff", ink: "#111", accent: red, soft: "#777"}
palette: ink
layers:
  - {layer: shape, fill: paper, box: {within: canvas}}
  - layer: text
    name: head
    text: "{headline}"
"""


def problems(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JobSpecProblems) as caught:
        find(str(path))
    return str(caught.value).replace(str(tmp_path), ".")


def test_a_template_of_ones_own_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    found = find(str(path))
    assert (found.name, found.folder, found.template.title) == ("mine", tmp_path, "Plain")


def test_an_unknown_template_is_told_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"'exhibtion' is no template; there are .*exhibition"):
        find("exhibtion")


@pytest.mark.parametrize("name", shipped())
def test_a_template_that_ships_has_all_formats_and_says_what_it_takes(name: str) -> None:
    template = find(name).template
    assert template.about
    assert template.variables
    for format_ in FORMATS:
        assert len(template.of(format_)) == len(template.layers)
    for variable in template.variables.values():
        assert variable.about
        assert variable.said("en") is not None
        assert variable.most is None or len(variable.said("en") or "") <= variable.most


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{headline}",
            "{headlin}",
            "mine.yaml:9: {headlin} is no variable of this template; it has audience",
        ),
        ('"{headline}"', '"{Head line}"', "names no variable"),
        ("fill: paper", "fill: papr", "mine.yaml:8: 'papr' is no colour; did you mean 'paper'?"),
        ("accent: red", "accent: rd", "palettes: ink: accent: 'rd' is no colour; did you mean 'red'?"),
        (', soft: "#777"', "", "palettes: ink: has no soft"),
        ("palette: ink\n", "palette: blue\n", "palette: 'blue' is none of ink, picture"),
        ("name: head", "nam: head", "mine.yaml:10: unknown key 'nam'; did you mean 'name'?"),
        ("layer: shape", "layer: shap", "mine.yaml:8: layers.0: layer 'shap' is not one of background"),
        ("{within: canvas}", "{below: foot}", "no layer before it has the name 'foot'"),
        ("headline: {", "locale: {", "every poster has {locale} already"),
        ("headline: {", "Head: {", "'Head' is no name"),
        ("  - layer: text", "  - layer: text\n    formats: {wide: {size: big}}", "formats: wide: size"),
        ("  - layer: text", "  - layer: text\n    formats: {huge: {size: 3}}", "square"),
        ("  - layer: text", "  - layer: text\n    motion: [{preset: fly}]", "'fly'"),
        ("title: Plain", "title: [", "mine.yaml:3: not YAML"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in problems(tmp_path, PLAIN.replace(old, new, 1))


def test_an_empty_template_is_told_how_one_begins(tmp_path: Path) -> None:
    assert "is empty; a template begins with `title: Sale`" in problems(tmp_path, "")


def test_a_format_changes_a_layer_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PLAIN + "    size: 5\n    formats: {wide: {size: 9, box: {left: 50%}}}\n", encoding="utf-8")
    template = find(str(path)).template
    assert [template.of(format_)[1].model_dump()["size"] for format_ in FORMATS] == [5, 5, 5, 9]
    assert template.of("wide")[1].box.left == "50%"


def test_variables_are_filled_in_and_braces_kept() -> None:
    assert fill("{{ {a} }} {b_2}", {"a": "x", "b_2": "{a}"}) == "{ x } {a}"
    assert list(names("{a} {{b}} {c}")) == ["a", "c"]


@pytest.mark.parametrize("text", ["{", "}", "{a", "{a.b}", "{0}", "{A}", "{a!r}", "{}"])
def test_a_brace_that_is_no_variables_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="names no variable"):
        fill(text, {"a": "x"})


def test_an_unknown_variable_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownVariable, match=r"nothing gives {headlin}; did you mean {headline}"):
        fill("{headlin}", {"headline": "x"})
