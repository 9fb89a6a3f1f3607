"""Damaged files of every kind are read, or refused by a sentence of ours: no crash, no hang, nothing carried out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import seeds
from tests.fuzz.child import attempt
from tests.fuzz.inputs import damaged, seeds_of
from tests.fuzz.run import Finding, fuzz, fuzz_text

KINDS = {
    "pictures": seeds.PICTURES,
    "films": seeds.FILMS,
    "marked": seeds.MARKED,
    "checkpoints": seeds.CHECKPOINTS,
    "motion": seeds.MOTION,
}


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What did harm among some inputs of every kind: one child reads them all, for the libraries take seconds."""
    return fuzz([kind for kinds in KINDS.values() for kind in kinds], tmp_path_factory.mktemp("fuzz"), count=40)


@pytest.mark.parametrize("kinds", KINDS)
def test_damaged_files_do_no_harm(harmful: list[Finding], kinds: str) -> None:
    assert [found for found in harmful if found.kind in KINDS[kinds]] == []


@pytest.mark.slow
@pytest.mark.parametrize("kinds", KINDS)
def test_many_damaged_files_do_no_harm(tmp_path: Path, kinds: str) -> None:
    assert fuzz(list(KINDS[kinds]), tmp_path, count=100) == []


@pytest.mark.parametrize("kind", seeds.PICTURES)
def test_seeds_of_pictures_are_whole(tmp_path: Path, kind: str) -> None:
    for data in seeds_of(kind, tmp_path):
        assert attempt(kind, data, tmp_path) == ""


def test_input_of_a_number_is_always_the_same(tmp_path: Path) -> None:
    files = seeds_of("png", tmp_path)
    assert damaged("png", files, 7) == damaged("png", files, 7)
    assert len({damaged("png", files, number) for number in range(100)}) > 90


def test_crash_is_blamed_on_its_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The children see it, too: they are started with this environment.
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nimport tests.fuzz.mutate as m\nbefore = m.mutated\n"
        "def mutated(seeds, number, rebuild=None):\n"
        "    import zlib\n"
        "    if number == zlib.crc32(b'bmp') + 3: os.abort()\n"
        "    return before(seeds, number, rebuild)\n"
        "m.mutated = mutated\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).parents[2]}")
    (found,) = fuzz(["bmp"], tmp_path, count=6)
    assert (found.kind, found.number) == ("bmp", 3)
    assert found.what.startswith("died with -6")


def test_parser_that_breaks_on_text_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import jobs.registry\ndef broken(name): raise RuntimeError('a bug')\njobs.registry.check_name = broken\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).parents[2]}")
    (found,) = fuzz_text(1, tmp_path / "found", only="as_a_word")
    assert "test_any_text_as_a_word_of_ours[style's name]" in found
    assert "Failing explicit example" in (tmp_path / "found" / "text.log").read_text()
