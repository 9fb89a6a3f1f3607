"""Fonts come from where they should: the style's families, people's files, ours; and a broken one is named."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.typography import edition, installed, shipped
from pipeline.typography.files import of_bytes
from pipeline.typography.fonts import FontFile, FontSet, MissingGlyph, found
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import Typeset, typeset

FONTS = FontSet.shipped()
CAVEAT = shipped.files("Caveat")[0]


def _set(text: str, fonts: FontSet, **style: object) -> Typeset:
    return typeset(text, TextStyle(size_px=40, smallest_px=10, **style), 500, 100, fonts)  # type: ignore[arg-type]


def _families(text: Typeset) -> set[str]:
    return {run.setting.face.family for line in text.lines for run in line.runs}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "hand.ttf").write_bytes(CAVEAT.read())
    return tmp_path


@pytest.mark.parametrize("family", shipped.FAMILIES)
def test_each_font_of_ours_is_the_family_that_it_is_called(family: str) -> None:
    for file in shipped.files(family):
        assert file.face.family == family
        file.face.check()


def test_the_page_names_every_family() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "typography.md").read_text(encoding="utf-8")
    assert [name for name in shipped.FAMILIES if name.removeprefix("Noto Sans ").removesuffix(" JP") not in page] == []


def test_a_folders_fonts_come_before_ours(folder: Path) -> None:
    fonts = FONTS.with_files(found(folder))
    assert fonts.families()[0] == "Caveat"
    assert _families(_set("Hand", fonts)) == {"Caveat"}
    assert _families(_set("Hand", fonts, families=("Oswald",))) == {"Oswald"}
    assert _families(_set("Hand", FONTS)) == {"Noto Sans"}
    assert found(None) == []


def test_a_font_in_memory_sets_what_its_file_does(folder: Path) -> None:
    (of_file,) = found(folder)
    pinned = FontFile("hand.ttf", data=of_file.read(), index=of_file.index)
    assert pinned.sha256 == of_file.sha256 == hashlib.sha256(CAVEAT.read()).hexdigest()
    one, other = (_set("Hand", FONTS.with_files([file])) for file in (of_file, pinned))
    assert one.lines[0].width == other.lines[0].width
    assert one.files == (of_file,)
    assert other.files == (pinned,)


def test_a_collection_has_all_its_faces() -> None:
    (file,) = shipped.files("Noto Sans CJK JP")
    faces = of_bytes("cjk.ttc", file.read())
    assert [face.face.family for face in faces][:3] == ["Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans CJK SC"]
    assert [face.index for face in faces] == list(range(5))


def test_the_face_nearest_in_weight_and_slant_is_taken() -> None:
    def name(**style: object) -> str:
        return _set("A", FONTS, families=("Montserrat",), **style).files[0].name

    assert name(weight=900) == "Montserrat[wght].ttf"
    assert name(italic=True) == "Montserrat-Italic[wght].ttf"


def test_a_family_without_italics_leans() -> None:
    upright, leaning = (_set("l", FONTS, families=("Oswald",), italic=italic) for italic in (False, True))
    assert upright.ink is not None
    assert leaning.ink is not None
    assert leaning.ink.x1 - leaning.ink.x0 > upright.ink.x1 - upright.ink.x0 + 3


@pytest.mark.parametrize("letter", ["永", "س", "क"])
def test_letters_without_italics_never_lean(letter: str) -> None:
    upright, italic = (_set(letter, FONTS, families=("EB Garamond",), italic=italic) for italic in (False, True))
    assert italic.ink == upright.ink


def test_families_are_found_whatever_their_case() -> None:
    assert _families(_set("A", FONTS, families=("anton",))) == {"Anton"}


def test_an_unknown_family_is_told_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match="unknown font family 'Antom'; did you mean 'Anton'"):
        _set("A", FONTS, families=("Antom",))


def test_a_missing_letter_is_named_with_the_fonts_that_were_tried() -> None:
    with pytest.raises(MissingGlyph, match=r"U\+13000 EGYPTIAN HIEROGLYPH A001\); tried Anton, Noto Sans, ") as caught:
        _set("A\U00013000", FONTS, families=("Anton",))
    assert caught.value.letter == "\U00013000"
    assert caught.value.tried == ("Anton", *[family for family in caught.value.tried if family != "Anton"])
    assert set(caught.value.tried) == set(FONTS.families())


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _without_outlines(data: bytes) -> bytes:
    return data.replace(b"glyf", b"glyx", 1)


def _beyond(data: bytes) -> bytes:
    return data[:4] + struct.pack(">H", 9999) + data[6:]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda data: b"", "is no font"),
        (lambda data: b"no font at all" * 9, "is no font; an OpenType or TrueType file"),
        (lambda data: b"wOF2" + data[4:], "is packed for the web, as WOFF2; give its .ttf or .otf"),
        (lambda data: b"ttcf\0\1\0\0\0\0\0\5", "is damaged or cut short; copy it anew"),
        (_cut, "is damaged or cut short; copy it anew"),
        (_beyond, "is damaged or cut short"),
        (_without_outlines, "has no outlines of letters"),
    ],
)
def test_a_broken_font_is_named(broken: object, said: str, folder: Path) -> None:
    (folder / "sub" / "hand.ttf").write_bytes(broken(CAVEAT.read()))  # type: ignore[operator]
    with pytest.raises(InputError, match=rf"font sub/hand\.ttf: {said}"):
        found(folder)


def test_a_folder_without_fonts_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no font; one ends in"):
        found(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        found(tmp_path / "none")


def _fontconfig(folder: Path, font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose fontconfig knows one font."""
    program = folder / "fc-list"
    program.write_text(f"#!/bin/sh\necho '{font}'\necho '{folder}/gone.ttf'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    for cached in (installed._listed, installed._faces):
        cached.cache_clear()


def test_a_named_family_is_found_on_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = CAVEAT.read().replace("Caveat".encode("utf-16-be"), "Elsewh".encode("utf-16-be"))
    (tmp_path / "elsewhere.ttf").write_bytes(data)
    _fontconfig(tmp_path, tmp_path / "elsewhere.ttf", monkeypatch)
    fonts = installed.gather(["Elsewh", "Anton"], None)
    assert [file.name for file in fonts.own] == ["elsewhere.ttf"]
    assert _families(_set("Hand", fonts, families=("Elsewh",))) == {"Elsewh"}
    with pytest.raises(InputError, match="unknown font family 'Nowhere'"):
        installed.gather(["Nowhere"], None)


def test_the_machines_fonts_are_asked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fontconfig(tmp_path, Path(str(CAVEAT.path)), monkeypatch)
    style = TextStyle(size_px=40, smallest_px=10)
    assert installed.complete(FONTS, "Hand", style) is FONTS
    with pytest.raises(MissingGlyph):
        installed.complete(FONTS, "\U00013000", style)


def test_a_machine_without_fontconfig_has_no_other_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    installed._listed.cache_clear()
    assert installed.having("a") == []


def test_the_edition_is_the_same_everywhere() -> None:
    assert edition.fingerprint() == edition.fingerprint()
    assert len(edition.fingerprint()) == 16
