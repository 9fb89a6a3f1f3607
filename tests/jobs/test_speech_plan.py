"""Speech job files: what they plan, and every sentence about what is wrong with one. Without the library."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from jobs.config import Settings
from jobs.kinds import speech_voices
from jobs.naming import delivered_names
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.speech import espeak
from tests.diffusion.folders import write_json
from tests.speech.folders import write_bark, write_speecht5, write_vits, write_vocoder


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a voice of each engine, and what speakers sound like."""
    folder = tmp_path_factory.mktemp("voices")
    write_vits(folder / "mms")
    write_vits(folder / "many", speakers=3)
    write_vits(folder / "deu", language="deu", letters="abcdefghijklmnopqrstuvwxyzäöüß ")
    write_vits(folder / "phonemes", phonemize=True)
    write_vits(folder / "roman", language="kor", is_uroman=True)
    write_speecht5(folder / "t5")
    write_vocoder(folder / "hifigan")
    write_vocoder(folder / "narrow", bands=40)
    write_bark(folder / "bark")
    np.save(folder / "anna.npy", np.ones(8, np.float32))
    np.save(folder / "longer.npy", np.ones(512, np.float32))
    save_file({"x": np.ones((1, 8), np.float32)}, folder / "anna.safetensors")
    (folder / "evil.npy").write_bytes(pickle.dumps([1.0] * 8))
    return folder


def planned(voices: Path, text: str, settings: Settings | None = None) -> Plan:
    """The plan of a job file, in the folder of the voices."""
    spec, located = parse(f"kind: speech\noutput: out/\n{text}", path="s.yaml", folder=voices)
    return plan_job(spec, located, settings or Settings())


def told(voices: Path, text: str, settings: Settings | None = None) -> str:
    """What is said of a wrong one."""
    with pytest.raises(JobSpecProblems) as problems:
        planned(voices, text, settings)
    return str(problems.value).replace(f"{voices}/", "")


# What is planned


def test_lines_are_frames_with_a_voice_and_a_pause_each(voices: Path) -> None:
    plan = planned(
        voices,
        "text:\n- Good evening.\n- {text: Guten Abend., voice: greta, speed: 0.8, seed: 7, pause: 2, name: abend}\n"
        "voices: {greta: {model: deu, language: de}}\nlanguage: en\nseed: 3\ndeliver: [wav, narration]\nchunk: 1",
    )
    assert (plan.frames, plan.chunks, plan.origin) == (2, ((0, 1), (1, 2)), "generated")
    assert (plan.deliver, plan.narration) == (("wav",), ("wav",))
    # What the narration and its captions are made of is kept whatever is delivered.
    assert plan.clips == ("wav", "flac", "timings")
    assert [plan.frame_name(frame) for frame in (0, 1)] == ["0001", "abend"]
    one, two = plan.inputs["lines"]
    assert one == {"text": "Good evening.", "name": "0001", "language": "en", "seed": 3}
    assert two == {
        "text": "Guten Abend.", "name": "abend", "voice": 1, "language": "de", "speed": 0.8, "seed": 7, "pause_s": 2,
    }  # fmt: skip


def test_a_voice_speaks_its_own_language_where_nobody_says(voices: Path) -> None:
    plan = planned(voices, "text: [Guten Abend]\nvoice: deu")
    assert plan.inputs["lines"][0]["language"] == "deu"
    assert plan.style == "deu (VITS)"
    assert {part.name for part in plan.models[0].parts} == {
        "config.json", "model.safetensors", "tokenizer_config.json", "vocab.json",
    }  # fmt: skip


def test_what_is_delivered_has_names(voices: Path) -> None:
    plan = planned(voices, "text: [Hello.]\ndeliver: [opus, narration, png]")
    assert list(delivered_names(plan)) == [
        "opus/0001.opus", "png/0001.png", "narration.opus", "narration.srt", "narration.vtt", "manifest.csv",
        "manifest.json", "contact-sheet.jpg", "certificate.json", "result.json",
    ]  # fmt: skip


def test_a_text_is_said_line_by_line_with_pauses_at_its_empty_lines(voices: Path) -> None:
    (voices / "poem.txt").write_text("Lanterns on the harbour,\nAnd one slow bell\n\n\nfor us!\n", encoding="utf-8")
    plan = planned(voices, "text: poem.txt")
    assert plan.stem == "poem"
    assert [(line["text"], line.get("pause_s")) for line in plan.inputs["lines"]] == [
        ("Lanterns on the harbour,", None),
        ("And one slow bell", 1.2),
        ("for us!", None),
    ]


def test_a_voices_files_are_pinned_with_it(voices: Path) -> None:
    plan = planned(
        voices,
        "text: [Hello.]\nvoice: anna\n"
        "voices: {anna: {model: t5, vocoder: hifigan, speaker: anna.npy},"
        " ben: {model: bark, speaker: v2/en_speaker_6}}",
    )
    assert plan.files[0].name == "anna.npy"
    assert {part.name for part in plan.models[0].parts} >= {"vocoder/config.json", "vocoder/model.safetensors"}
    # The others are in the plan if a line is theirs.
    assert [voice["name"] for voice in plan.inputs["voices"]] == ["anna"]
    assert planned(
        voices, "text: [Hello.]\nvoice: a\nvoices: {a: {model: t5, vocoder: hifigan, speaker: anna.safetensors}}"
    ).files


def test_a_job_is_another_one_if_its_text_is(voices: Path) -> None:
    one, two = (planned(voices, f"text: [{text}]") for text in ("Hello.", "Hallo."))
    assert one.job != two.job
    assert one.job == planned(voices, "text: [Hello.]").job


# Rows that are wrong


TABLE = """text,name,voice,language,speed,seed,pause
Good evening.,headline,,en,,,
,nothing,,,,,
Hello.,,nobody,,,,
Hello.,,,tlh,,,
Hello.,,,en,fast,,
Hello.,,,en,9,,
Hello.,,,en,,-1,
Hello.,../up,,en,,,
Hello,a,b,en,1,1,1,1
… !,,,,,,
The secret plan.,,,en,,,
안녕,,mms,,,,
"""

PROBLEMS = [
    "lines.csv:3: has no text; write what is to be said",
    "lines.csv:4: voice: 'nobody' is none of the job's voices; there are mms, espeak-ng",
    "lines.csv:5: eSpeak NG does not speak 'tlh'; it has ta, te, th, ti, tk, tn, tr, tt and others",
    "lines.csv:6: speed: 'fast' is no number; write one, as in 1.2",
    "lines.csv:7: speed: input should be less than or equal to 4",
    "lines.csv:8: seed: input should be greater than or equal to 0",
    "lines.csv:9: name: '../up' is no name for a file; write letters, digits, - and _",
    "lines.csv:10: has 8 cells, and there are 7 columns; put a cell that holds a ',' into \"quotes\"",
    "lines.csv:11: text '… !': holds nothing that can be said; write some words",
    "lines.csv:12: 'The secret plan.' holds 'secret', which is on this farm's list of words not to be used",
    "lines.csv:13: text '안녕': the voice does not know '안', '녕'; write it in its letters, or name a voice of its "
    "language",
]


def test_rows_that_are_wrong_are_told_and_the_others_said(voices: Path) -> None:
    (voices / "lines.csv").write_text(TABLE, encoding="utf-8")
    (voices / "words.txt").write_text("secret\n", encoding="utf-8")
    settings = Settings(prompt_blocklist=str(voices / "words.txt"))
    text = "text: lines.csv\nvoices: {mms: mms}\n"
    plan = planned(voices, text, settings)
    assert list(plan.notes) == [f"left out: {problem}" for problem in PROBLEMS]
    assert not plan.inputs["lines"][0].get("problem")
    assert told(voices, f"{text}on_error: fail", settings) == "\n".join(f"s.yaml:3: {line}" if number == 0 else line
        for number, line in enumerate(PROBLEMS))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("text: []", "text: write a list of lines, as in [Good evening., Good night.], or a .csv or .txt file"),
        ("text: none.csv", "none.csv: no such text; check the path"),
        ("text: [a]\nloudness: loud", "s.yaml:4: loudness: 'loud' is none; write LUFS, as -19, or {target: -19"),
        ("text: [3]", "text: 3 is no line; write its words, or {text: …, voice: …}"),
        ("text: [{voice: a}]", "'text' is missing"),
        ("text: [a]\nvoice: alto", "alto: no such voice; give a folder that transformers saved, or espeak-ng"),
        ("text: [日本]\nlanguage: ja", "reads no Chinese characters in Japanese, as in '日本'; write it in kana"),
        ("text: [a]\nvoice: espeak-ng+../x", "'espeak-ng+../x' is no voice of eSpeak NG"),
        ("text: [a]\nvoice: espeak-ng+f33", "eSpeak NG has no throat 'f33'; it has f1, f2, f3, f4, f5, fast"),
        ("text: [a]\nvoice: s3://b/v", "voice: s3://b/v: a voice is a folder that this machine sees; copy it"),
        ("text: [a]\nlanguage: Klingon!", "language 'Klingon!' is no language tag"),
        ("text: [a]\nspeed: 0.1", "speed: input should be greater than or equal to 0.25 (it is 0.1)"),
        ("text: [a]\ndeliver: [mp3]", "deliver: 'mp3' is not one of wav, flac, opus, narration, timings, png, "
         "contact-sheet; did you mean 'opus'?"),
        ("text: [a]\nvoices: {a b: mms}", "voices: 'a b' is no name"),
        ("text: [a]\nvoices: {a: {model: espeak-ng, speaker: 1}}",
         "voice a: espeak-ng takes neither vocoder nor speaker; write model: espeak-ng+f3"),
        ("text: [a]\nvoice: phonemes", "reads phonemes, which another library would have to write"),
        ("text: [a]\nvoice: hifigan", "holds 'hifigan', which is no voice that is spoken with; give VITS, SpeechT5"),
        ("text: [a]\nvoice: t5", "t5: makes spectrograms, and no sound without a vocoder; name one, as "
         "vocoder: ./speecht5_hifigan/"),
        ("text: [a]\nvoices: {a: {model: t5, vocoder: mms}}", "mms: is no vocoder: it holds 'vits'"),
        ("text: [a]\nvoices: {a: {model: t5, vocoder: narrow}}", "narrow: takes 40 bands, and t5 gives 80"),
        ("text: [a]\nvoices: {a: {model: t5, vocoder: hifigan}}",
         "voice a: SpeechT5 speaks as someone; give an x-vector of 8 numbers, as speaker: anna.npy"),
        ("text: [a]\nvoices: {a: {model: t5, vocoder: hifigan, speaker: longer.npy}}",
         "longer.npy: has 512 numbers, and the voice takes 8; take an x-vector made for it"),
        ("text: [a]\nvoices: {a: {model: t5, vocoder: hifigan, speaker: evil.npy}}",
         "evil.npy: says nothing of how a speaker sounds; give a .npy, .npz or .safetensors file; pickles are not"),
        ("text: [a]\nvoices: {a: {model: mms, vocoder: hifigan}}", "mms: makes sound by itself; leave its vocoder out"),
        ("text: [a]\nvoices: {a: {model: mms, speaker: 1}}", "voice a: has one speaker; leave `speaker` out"),
        ("text: [a]\nvoices: {a: {model: many, speaker: 3}}", "voice a: has no speaker 3; write 0 to 2"),
        ("text: [a]\nvoices: {a: {model: bark, speaker: v2/nobody}}",
         "voice a: there is no speaker 'v2/nobody' in its folder, which has v2/en_speaker_6; give a .npz"),
        ("text: [{text: Hallo, language: de}]\nvoice: mms",
         "line 0001: the voice mms speaks 'eng', and the line is in 'de'"),
        ("text: [안녕하세요]\nvoice: roman",
         "line 0001: the voice reads other scripts in Latin letters, by a library that this machine lacks"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_a_sentence(voices: Path, text: str, sentence: str) -> None:
    assert sentence in told(voices, text)


def test_of_what_is_wrong_in_a_part_nothing_is_said_of_the_whole(voices: Path) -> None:
    said = told(voices, "text: [a, {text: b, speed: 9}]\nloudness: {target: 3}")
    assert said.splitlines() == [
        "s.yaml:3: text.1.speed: input should be less than or equal to 4 (it is 9)",
        "s.yaml:4: loudness.target: input should be less than or equal to -5 (it is 3)",
    ]


def test_a_folder_that_is_none_of_ours_is_told(voices: Path, tmp_path: Path) -> None:
    assert "is no voice: it holds no config.json" in told(voices, "text: [a]\nvoice: .")
    broken = shutil.copytree(voices / "mms", tmp_path / "broken")
    (broken / "vocab.json").unlink()
    assert "has no vocab.json, without which it knows no letters" in told(voices, f"text: [a]\nvoice: {broken}")
    write_json(broken / "vocab.json", {"a": 0})
    (broken / "model.safetensors").unlink()
    assert "holds no weights; copy it again" in told(voices, f"text: [a]\nvoice: {broken}")
    (broken / "model.safetensors").write_bytes(b"\xff" * 40)
    assert "model.safetensors: is no whole safetensors file" in told(voices, f"text: [a]\nvoice: {broken}")
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"pickled")
    said = told(voices, f"text: [a]\nvoice: {broken}")
    assert "pytorch_model.bin: is a pickle, which may hold code" in said
    assert "allow_pickle: true" in said
    allowed = planned(voices, f"text: [a]\nvoice: b\nvoices: {{b: {{model: {broken}, allow_pickle: true}}}}")
    assert "pytorch_model.bin" in {part.name for part in allowed.models[0].parts}


def test_a_machine_without_the_extra_is_told_what_to_install(voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = speech_voices.find_spec
    monkeypatch.setattr(speech_voices, "find_spec", lambda name: None if name == "transformers" else found(name))
    said = told(voices, "text: [a]\nvoice: mms")
    assert "voice mms: needs transformers, which this machine lacks; write pip install 'atelier[speech]'" in said
    monkeypatch.setattr(espeak, "library", lambda: None)
    assert "speaks by eSpeak NG, which this machine lacks; write pip install" in told(voices, "text: [a]")
