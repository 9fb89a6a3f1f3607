"""Tables of audiences, and the posters that come of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jobs.posters.audiences import Row, read_table, rows_of
from jobs.posters.groups import group_of
from jobs.posters.variants import Group, Wanted, check_columns, variants
from pipeline.errors import InputError
from pipeline.poster.brief import Variant
from pipeline.poster.canvas import Canvas
from pipeline.poster.template import Template
from pipeline.storage import StoreOptions

TEMPLATE = Template.model_validate(
    {
        "title": "Plain",
        "variables": {
            "headline": {"default": {"en": "Hello", "de": "Hallo"}, "most": 12},
            "place": {"default": ""},
            "price": {},
        },
        "palettes": {
            "ink": {"paper": "#fff", "ink": "#111", "accent": "red", "soft": "#777"},
            "night": {"paper": "#000", "ink": "#eee", "accent": "red", "soft": "#999"},
        },
        "palette": "ink",
        "layers": [{"layer": "text", "text": "{headline} {price}"}],
    }
)

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str | bytes, name: str = "audiences.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return written


def table(place: str) -> tuple[Row, ...]:
    return read_table(place, StoreOptions())


def made(rows: tuple[Row, ...], **changes: Any) -> list[Variant]:
    told: dict[str, Any] = {
        "template": TEMPLATE,
        "sizes": [Canvas(1080, 1350)],
        "locales": ["en"],
        "values": {"price": "9 EUR"},
        "palette": None,
        "backgrounds": (),
        "pick": lambda background, seed: None,
        "shows": lambda background, pick: "",
        "groups": {},
        "salt": "",
        "copy": lambda audience, locale: {},
    }
    return list(variants(rows, Wanted(**{**told, **changes})))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_tables_are_read_as_spreadsheets_write_them(write: Write, separator: str, mark: str) -> None:
    text = f'{mark}audience,headline,place\r\nstudents,"Hi, you",\r\n\r\nfriends,Hello,Nord\r\n'
    rows = table(write(text.replace(",", separator).replace(f"Hi{separator}", "Hi,")))
    assert [dict(row.cells) for row in rows] == [
        {"audience": "students", "headline": "Hi, you"},
        {"audience": "friends", "headline": "Hello", "place": "Nord"},
    ]
    assert [row.where for row in rows] == ["audiences.csv:2", "audiences.csv:4"]


def test_a_row_of_several_lines_is_where_it_begins(write: Write) -> None:
    rows = table(write('audience,headline\na,"one\ntwo"\nb,x\n'))
    assert [row.where for row in rows] == ["audiences.csv:2", "audiences.csv:4"]


@pytest.mark.parametrize("name", ["audiences.yaml", "audiences.json"])
def test_a_list_is_a_table(write: Write, name: str) -> None:
    rows = table(write('[{"audience": "a", "place": 7, "locale": ["en", "de"]}]', name))
    assert dict(rows[0].cells) == {"audience": "a", "place": "7", "locale": "en de"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; its first line names the columns"),
        ("name,headline\na,b\n", "audiences.csv:1: has no column 'audience'; its columns are name, headline"),
        ("TOKEN=s3cret\x01,a\n", "audiences.csv:1: has no column 'audience'; its columns are …, a"),
        ("audience,headline,headline\n", "has two columns 'headline'"),
        ("audience,K=s3cret,K=s3cret\n", "has two columns '…'"),
        ("USER=a\0TOKEN=s3cret\0", "is no table: it holds bytes that no text has"),
        ("audience,headline\n", "has no audiences"),
        ('audience,headline\na,"b\n', "is no CSV"),
        (b"audience,headline\na,Gr\xfc\xdfe\n", "audiences.csv:2: byte 0xfc is no text in UTF-8; save it as UTF-8"),
    ],
)
def test_a_broken_table_is_told_with_its_line(write: Write, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        table(write(text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{a: b}", "is a list"),
        ("- 7", "audience 1: is no"),
        ("- {audience: true}", "put the word into quotes"),
        ("[", "line"),
    ],
)
def test_a_broken_list_is_told(write: Write, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        table(write(text, "audiences.yaml"))


def test_every_audience_comes_in_its_languages_at_every_size() -> None:
    rows = rows_of([{"audience": "Museum friends", "locale": "en de"}, {"audience": "école"}], "audiences")
    found = made(rows, sizes=[Canvas(1080, 1350), Canvas(1080, 1920)])
    assert [variant.name for variant in found] == [
        *("museum-friends-en-1080x1350", "museum-friends-en-1080x1920"),
        *("museum-friends-de-1080x1350", "museum-friends-de-1080x1920"),
        *("école-en-1080x1350", "école-en-1080x1920"),
    ]
    assert [variant.values["headline"] for variant in found[::2]] == ["Hello", "Hallo", "Hello"]
    assert found[0].values["width"] == "1080"


@pytest.mark.parametrize(
    ("cells", "copy", "expected"),
    [
        ({"headline:de": "Ei", "headline": "Egg"}, {"headline": "Huevo"}, "Ei"),
        ({"headline": "Egg"}, {"headline": "Huevo"}, "Egg"),
        ({}, {"headline": "Huevo"}, "Huevo"),
        ({}, {}, "Hallo"),
    ],
)
def test_an_audiences_own_words_go_first(cells: Mapping[str, str], copy: Mapping[str, str], expected: str) -> None:
    rows = rows_of([{"audience": "a", "locale": "de-AT", **cells}], "audiences")
    assert made(rows, copy=lambda audience, locale: copy)[0].values["headline"] == expected


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"locale": "german!"}, "audiences, audience 1: locale 'german!' is no language tag"),
        ({"palette": "blue"}, "palette 'blue' is none of ink, night, picture"),
        ({"palette": "accent=rd"}, "palette: accent: 'rd' is no colour; did you mean 'red'?"),
        ({"palette": "acent=red"}, "'acent' is no role"),
        ({"background": "sea"}, "background 'sea' is none of the job's"),
        ({"locale": "fr"}, "nothing gives {headline} in fr; add a column headline, or headline:fr"),
        ({"headline": "much too long a headline"}, "has 24 letters; the template has room for 12"),
    ],
)
def test_what_is_wrong_with_an_audience_is_no_matter_of_the_others(cells: Mapping[str, str], said: str) -> None:
    rows = rows_of([{"audience": "a", **cells}, {"audience": "b"}], "audiences")
    broken, whole = made(rows)
    assert said in broken.problem
    assert not whole.problem


def test_two_posters_of_one_name_are_refused() -> None:
    rows = rows_of([{"audience": "A b"}, {"audience": "a-b"}], "audiences")
    with pytest.raises(
        InputError, match="audience 2: a-b-en-1080x1350 is the name of a poster of audiences, audience 1"
    ):
        made(rows)


def test_colours_of_a_row_replace_the_templates() -> None:
    palette = made(rows_of([{"audience": "a", "palette": "accent=#00f, ink=black"}], "audiences"))[0].palette
    assert palette == {"paper": "#fff", "ink": "black", "accent": "#00f", "soft": "#777"}


def test_a_seed_chooses_the_backgrounds_picture() -> None:
    rows = rows_of([{"audience": "a", "seed": "7"}, {"audience": "b"}], "audiences")
    found = made(
        rows,
        backgrounds=("",),
        pick=lambda background, seed: {"7": 3}.get(seed),
        shows=lambda background, pick: f"seed {pick}",
    )
    assert [(variant.pick, variant.seed) for variant in found] == [(3, "seed 3"), (1, "seed 1")]
    assert [variant.values["background"] for variant in found] == ["seed 3", "seed 1"]
    assert made(rows[1:])[0].values["background"] == ""


def test_a_seed_that_the_background_has_not_is_told_and_without_one_it_says_nothing() -> None:
    rows = rows_of([{"audience": "a", "seed": "99"}], "audiences")
    assert "seed '99' is none of its background's" in made(rows, backgrounds=("",))[0].problem
    assert not made(rows)[0].problem


def test_groups_are_dealt_by_audience_and_keep_their_shares() -> None:
    shares = {"plain": 3.0, "bold": 1.0}
    dealt = [group_of(f"audience {number}", shares, salt="") for number in range(4000)]
    assert dealt.count("bold") / len(dealt) == pytest.approx(0.25, abs=0.03)
    assert dealt == [group_of(f"audience {number}", dict(reversed(shares.items())), salt="") for number in range(4000)]
    assert dealt != [group_of(f"audience {number}", shares, salt="autumn") for number in range(4000)]


def test_a_group_changes_words_and_colours() -> None:
    groups = {"a": Group(values={"place": "here"}, palette="night"), "b": Group()}
    rows = rows_of([{"audience": f"n{number}"} for number in range(12)], "audiences")
    found = made(rows, groups=groups)
    assert {variant.group for variant in found} == {"a", "b"}
    assert all((variant.palette == "night") == (variant.group == "a") for variant in found)
    assert all((variant.values["place"] == "here") == (variant.group == "a") for variant in found)


def test_columns_that_nobody_uses_are_told_and_misspelt_ones_refused() -> None:
    assert check_columns(rows_of([{"audience": "a", "crm": "7"}], "x"), TEMPLATE) == (
        "columns that no poster shows: crm",
    )
    with pytest.raises(InputError, match="column 'headlin' is no variable of the template; did you mean 'headline'"):
        check_columns(rows_of([{"audience": "a", "headlin": "x"}], "x"), TEMPLATE)
