"""A speech job, from its file to deliverables that were really spoken: heard, measured, marked, certified, redone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from jobs.certificate import read as read_certificate
from jobs.control import redo
from jobs.records import Plan, Result
from jobs.verify import verify_folder
from pipeline.film.loudness import measured_file
from pipeline.film.mix import RATE
from pipeline.provenance import COMPUTED, tell
from pipeline.retouch.cues import read_cues
from pipeline.speech.sound import read
from pipeline.storage import StoreOptions
from tests.workers.farm import Farm

TEXT = """\
kind: speech
text:
- {text: Good evening. Here is the news., name: news}
- {text: "Über grünen Hügeln\\nist Nacht.", language: de, voice: espeak-ng+f2, speed: 0.9, pause: 0.5}
- {text: nuqneH, language: tlh}
- Good night.
pause: 1
loudness: -20
chunk: 2
deliver: [wav, opus, narration, png]
output: spoken/
"""


@pytest.fixture(scope="module")
def job(shared_farm: Farm) -> tuple[Plan, Result, Path]:
    """The job, finished, and where its files are."""
    plan = shared_farm.submit(TEXT)
    return plan, shared_farm.finish(plan), Path(plan.output)


def samples(path: Path) -> np.ndarray:
    return np.concatenate([block[0] for block in read(path)])


def test_lines_are_spoken_one_file_each_and_what_cannot_be_is_named(job: tuple[Plan, Result, Path]) -> None:
    _, result, folder = job
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = ("0002", "0004", "news")
    assert names == sorted([
        *(f"{kind}/{line}{suffix}" for kind, suffix in (("wav", ".wav"), ("opus", ".opus"), ("png", ".png"))
          for line in lines),
        *("narration.wav", "narration.opus", "narration.srt", "narration.vtt", "manifest.csv", "manifest.json"),
        *("contact-sheet.jpg", "certificate.json", "result.json"),
    ])  # fmt: skip
    assert list(result.bad.values()) == [
        "line 0003: eSpeak NG does not speak 'tlh'; it has ta, te, th, ti, tk, tn, tr, tt and others"
    ]
    assert any(note.startswith("voice espeak-ng: eSpeak NG 1.") for note in result.notes)


def test_level_and_duration_are_a_speakers(job: tuple[Plan, Result, Path]) -> None:
    _, _, folder = job
    for line, seconds in (("news", (1.5, 4)), ("0002", (1.5, 5)), ("0004", (0.5, 2))):
        sound = samples(folder / f"wav/{line}.wav")
        assert seconds[0] < sound.size / RATE < seconds[1]
        assert np.abs(sound).max() <= 10 ** (-1 / 20)
    assert measured_file(folder / "wav/news.wav").loudness == pytest.approx(-20, abs=1)
    whole = measured_file(folder / "narration.opus")
    assert whole.loudness == pytest.approx(-20, abs=0.6)
    assert whole.peak <= -0.5


def test_the_narration_is_its_lines_with_their_pauses(job: tuple[Plan, Result, Path]) -> None:
    _, _, folder = job
    lines = [samples(folder / f"wav/{line}.wav") for line in ("news", "0002", "0004")]
    whole = samples(folder / "narration.wav")
    assert whole.size == sum(line.size for line in lines) + round(1.5 * RATE)
    begins = lines[0].size + RATE
    part = whole[begins : begins + lines[1].size]
    gain = np.abs(part).max() / np.abs(lines[1]).max()
    assert np.allclose(part, lines[1] * gain, atol=1e-4)
    assert not whole[lines[0].size : begins].any()


def test_captions_are_in_time_with_the_narration(job: tuple[Plan, Result, Path]) -> None:
    _, _, folder = job
    cues = read_cues((folder / "narration.srt").read_bytes(), where="a.srt")
    assert [cue.text for cue in cues] == [
        "Good evening.", "Here is the news.", "Über grünen Hügeln", "ist Nacht.", "Good night.",
    ]  # fmt: skip
    whole = np.abs(samples(folder / "narration.wav"))
    for cue in cues:
        heard = whole[round(cue.start * RATE) : round(cue.stop * RATE)]
        assert heard.max() > 0.05
        # Before it, there is silence.
        assert whole[round((cue.start - 0.05) * RATE) : round((cue.start - 0.005) * RATE)].max() < 1e-3
    text = (folder / "narration.vtt").read_text()
    assert "NOTE Spoken by eSpeak NG, eSpeak NG f2, and by no person." in text
    assert text.count("<00:00:") == 8


def test_a_manifest_tells_of_each_line(job: tuple[Plan, Result, Path]) -> None:
    _, _, folder = job
    rows = list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_text(encoding="utf-8-sig"))))
    assert [(row["name"], row["engine"], row["language"], bool(row["problem"])) for row in rows] == [
        ("news", "eSpeak NG", "en", False),
        ("0002", "eSpeak NG", "de", False),
        ("0003", "", "", True),
        ("0004", "eSpeak NG", "en", False),
    ]
    assert rows[1]["wav_file"] == "wav/0002.wav"
    assert float(rows[1]["begins_s"]) == pytest.approx(float(rows[0]["duration_s"]) + 1, abs=0.002)
    assert json.loads((folder / "manifest.json").read_text())["failed"] == 1


def test_everything_says_what_made_it_and_is_certified(job: tuple[Plan, Result, Path]) -> None:
    _, _, folder = job
    for name in ("wav/news.wav", "opus/news.opus", "png/news.png", "narration.wav", "narration.opus"):
        told = tell(folder / name)
        assert told.source_type == COMPUTED, name
        assert told.facts["rules"].startswith("eSpeak NG")
    assert tell(folder / "wav/news.wav").facts["text"] == "Good evening. Here is the news."
    certificate = read_certificate((folder / "certificate.json").read_bytes(), "certificate.json")
    assert [said for said, _ in certificate.prompts] == [
        "Good evening. Here is the news.", "Über grünen Hügeln\nist Nacht.", "Good night.",
    ]  # fmt: skip
    assert verify_folder(str(folder), StoreOptions()).is_whole


def test_a_redone_line_sounds_the_same(shared_farm: Farm, job: tuple[Plan, Result, Path]) -> None:
    plan, result, folder = job
    before = (folder / "wav/news.wav").read_bytes()
    redo(plan.job, [1], shared_farm.truth)
    shared_farm.redo(plan)
    again = shared_farm.finish(plan)
    assert (again.generation, again.frames_sha256) == (2, result.frames_sha256)
    assert (folder / "wav/news.wav").read_bytes() == before
