"""Voices: eSpeak NG speaks for real; those of networks say what transformers makes of the same seed, line by line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from jobs.config import Settings
from jobs.records import Plan, Receipt
from jobs.spec import parse
from jobs.submit import plan_job
from pipeline.device import threads
from pipeline.errors import ConfigError, InputError, MediaError, ModelError
from pipeline.painter import Easel, Work
from pipeline.speech import espeak
from pipeline.speech.espeak import EspeakVoice
from pipeline.speech.loading import Speaker, load
from pipeline.speech.painter import SpeechPainter
from pipeline.speech.sound import read
from pipeline.speech.timings import Timings
from pipeline.speech.voices import Asked, Spoken
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from tests.jobs.making import make_plan
from tests.speech.making import make, speaker
from workers.narration import narration_of

TEXT = "hello big world"


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny voices, one an engine, and a speaker."""
    folder = tmp_path_factory.mktemp("voices")
    for engine in ("vits", "speecht5", "hifigan", "bark"):
        make(folder / engine, engine)
    make(folder / "many", "vits", speakers=3)
    speaker(folder / "anna.npy")
    shutil.copytree(folder / "speecht5", folder / "whole")
    shutil.copytree(folder / "hifigan", folder / "whole/vocoder")
    return folder


@pytest.fixture(scope="module")
def loaded(voices: Path) -> dict[str, Speaker]:
    """The voices, as a worker has them."""
    return {name: load(voices / name) for name in ("vits", "many", "whole", "bark")}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As on a worker."""
    with threads(1):
        yield


# eSpeak NG


def test_espeak_speaks_and_tells_when_each_word_is_heard() -> None:
    spoken = EspeakVoice().say("The harbour is closed.", Asked("en-GB"))
    assert [place for place, _ in spoken.words] == [0, 4, 12, 15]
    times = [second for _, second in spoken.words]
    assert times == sorted(times)
    assert 1 < spoken.samples.size / spoken.rate < 3
    assert 0.1 < np.abs(spoken.samples).max() <= 1


def test_espeak_has_no_chance_but_its_seed() -> None:
    """Left alone it takes the time's, by the second."""
    said = [EspeakVoice("f5").say("Über grünen Hügeln", Asked("de", seed=seed)).samples for seed in (1, 1, 2)]
    assert np.array_equal(said[0], said[1])
    assert not np.array_equal(said[0], said[2])


def test_espeak_speaks_many_languages_at_any_speed_with_other_throats() -> None:
    said = {
        (variant, language, speed): EspeakVoice(variant).say("Barbara", Asked(language, speed)).samples.size
        for variant, language, speed in (("", "de", 1.0), ("", "de", 2.0), ("", "pt-BR", 1.0), ("croak", "de", 1.0))
    }
    assert said["", "de", 2.0] < 0.75 * said["", "de", 1.0]
    assert len(set(said.values())) == 4
    # eSpeak NG itself goes no slower than half.
    half, quarter = (EspeakVoice().say("Bar bara", Asked("de", speed)) for speed in (0.5, 0.25))
    assert quarter.samples.size == pytest.approx(2 * half.samples.size, rel=0.05)
    assert quarter.words[1][1] == pytest.approx(2 * half.words[1][1], rel=0.05)
    with pytest.raises(InputError, match="eSpeak NG does not speak 'tlh'"):
        EspeakVoice().say("nuqneH", Asked("tlh"))


def test_espeak_is_told_missing_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "library", lambda: None)
    with pytest.raises(InputError, match=r"speaks by eSpeak NG, which this machine lacks; write pip install"):
        EspeakVoice().say("Hello", Asked("en"))
    monkeypatch.setattr(espeak, "library", lambda: espeak.Library("/nowhere/libespeak-ng.so", None))
    with pytest.raises(InputError, match=r"/nowhere/libespeak-ng\.so: eSpeak NG cannot speak"):
        EspeakVoice().say("Hello", Asked("en"))


# Networks


def theirs(voices: Path, name: str) -> np.ndarray:
    """What transformers makes of the text, called as its documentation says, after `manual_seed(3)`."""
    import transformers as library

    folder = str(voices / name)
    if name == "vits":
        tokens = library.VitsTokenizer.from_pretrained(folder)(TEXT, return_tensors="pt")
        model: Any = library.VitsModel.from_pretrained(folder)
        torch.manual_seed(3)
        with torch.no_grad():
            return np.asarray(model(**tokens).waveform[0])
    if name == "whole":
        tokens = library.SpeechT5Tokenizer.from_pretrained(folder)(TEXT, return_tensors="pt")
        model = library.SpeechT5ForTextToSpeech.from_pretrained(folder)
        vocoder = library.SpeechT5HifiGan.from_pretrained(f"{folder}/vocoder")
        speaker = torch.from_numpy(np.load(voices / "anna.npy"))[None]
        torch.manual_seed(3)
        return np.asarray(model.generate_speech(tokens["input_ids"], speaker, vocoder=vocoder))
    processor = library.BarkProcessor(library.AutoTokenizer.from_pretrained(folder))
    tokens = processor(TEXT, max_length=40)
    model = library.BarkModel.from_pretrained(folder)
    torch.manual_seed(3)
    return np.asarray(model.generate(**tokens)[0])


def ours(loaded: dict[str, Speaker], voices: Path, name: str, seed: int = 3, **asked: Any) -> np.ndarray:
    files = ((voices / "anna.npy").read_bytes(),) if name == "whole" else ()
    torch.manual_seed(seed)
    return loaded[name].voice(files=files).say(TEXT, Asked("en", **asked)).samples


@pytest.mark.parametrize("name", ["vits", "whole", "bark"])
def test_a_voice_says_what_transformers_makes_of_the_seed(voices: Path, loaded: dict[str, Speaker], name: str) -> None:
    made = ours(loaded, voices, name)
    assert made.std() > 1e-4
    assert np.array_equal(made, theirs(voices, name))
    assert not np.array_equal(made[:500], ours(loaded, voices, name, seed=4)[:500])
    assert ours(loaded, voices, name, speed=2.0).size < 0.8 * made.size


def test_vits_tells_when_each_word_is_heard_by_its_own_durations(loaded: dict[str, Speaker]) -> None:
    torch.manual_seed(3)
    spoken = loaded["vits"].voice().say("Hello, big   world.", Asked("en"))
    assert [place for place, _ in spoken.words] == [0, 7, 13]
    times = [second for _, second in spoken.words]
    assert times == sorted(times)
    assert 0 <= times[0] < times[1] < times[2] < spoken.samples.size / spoken.rate


def test_a_models_speakers_differ(loaded: dict[str, Speaker]) -> None:
    made = []
    for number in (0, 2):
        torch.manual_seed(3)
        made.append(loaded["many"].voice(speaker=number).say(TEXT, Asked("en")).samples[:500])
    assert not np.array_equal(*made)


def test_a_bark_prompt_is_whom_it_speaks_as(loaded: dict[str, Speaker], tmp_path: Path) -> None:
    prompt = {
        "semantic_prompt": np.arange(20),
        "coarse_prompt": np.zeros((2, 30), np.int64),
        "fine_prompt": np.zeros((4, 30), np.int64),
    }
    np.savez(tmp_path / "anna.npz", **prompt)  # type: ignore[arg-type]
    torch.manual_seed(3)
    voice = loaded["bark"].voice(files=((tmp_path / "anna.npz").read_bytes(),))
    made = voice.say(TEXT, Asked("en")).samples
    torch.manual_seed(3)
    assert not np.array_equal(made[:100], loaded["bark"].voice().say(TEXT, Asked("en")).samples[:100])
    with pytest.raises(ModelError, match="is no prompt of Bark's: it wants semantic_prompt, coarse_prompt"):
        loaded["bark"].voice(files=((tmp_path / "anna.npz").read_bytes()[:0] + _npz(x=np.zeros(2)),))


def _npz(**arrays: np.ndarray) -> bytes:
    import io

    made = io.BytesIO()
    np.savez(made, **arrays)  # type: ignore[arg-type]
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("vits", "日本", "the voice does not know '日', '本'"),
        ("whole", "日本", "the voice does not know '日', '本'"),
        ("bark", "日本", "the voice does not know some of its words"),
        ("bark", "hello " * 20, "has 100 tokens, and the voice reads 40 at once"),
    ],
)
def test_what_a_voice_cannot_say_is_told(
    voices: Path, loaded: dict[str, Speaker], name: str, text: str, sentence: str
) -> None:
    files = ((voices / "anna.npy").read_bytes(),) if name == "whole" else ()
    with pytest.raises(InputError, match=sentence):
        loaded[name].voice(files=files).say(text, Asked("en"))


def test_weights_that_do_not_fit_are_told(voices: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(voices / "vits", tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"\0" * 64)
    with pytest.raises(ModelError, match="broken: transformers cannot load it: "):
        load(broken)
    shutil.copy(voices / "hifigan/model.safetensors", broken / "model.safetensors")
    with pytest.raises(ModelError, match=r"broken: its weights lack decoder\.conv_post\.weight and \d+ more"):
        load(broken)


# Lines


def spoken(
    voices: Path, loaded: dict[str, Speaker], folder: Path, plan: Plan, spans: list[tuple[int, int]]
) -> dict[int, tuple[np.ndarray, Timings]]:
    """Every line's samples and times, painted in chunks."""
    folder.mkdir()
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=2, options=StoreOptions())
    painter = SpeechPainter(plan.inputs, easel, deep=False)
    names = ("vits", "whole")
    for start, stop in spans:
        work = Work(
            start=start,
            stop=stop,
            watch=Stopwatch(),
            model=lambda index, precision=None: loaded[names[index]],
            file=lambda index: Path(plan.files[index].key).read_bytes(),
            clip=lambda frame, name, path: shutil.move(path, folder / f"{frame}.{name}"),
        )
        assert all(picture.std() > 5 for picture in painter.paint(work))
    return {
        frame: (
            np.concatenate([block[0] for block in read(folder / f"{frame}.flac")]),
            Timings.model_validate_json((folder / f"{frame}.timings").read_bytes()),
        )
        for frame in range(plan.frames)
    }


def test_a_line_sounds_the_same_whatever_is_said_beside_it(
    voices: Path, loaded: dict[str, Speaker], tmp_path: Path
) -> None:
    text = (
        "kind: speech\noutput: out/\nvoices: {a: vits, b: {model: speecht5, vocoder: hifigan, speaker: anna.npy}}\n"
        "voice: a\ntext:\n- One. Two\n- {text: hi, voice: b}\n- {text: One. Two, seed: 5}\n"
        "- {text: Hello, voice: espeak-ng}\n"
    )
    spec, located = parse(text, path="s.yaml", folder=voices)
    plan = plan_job(spec, located, Settings())
    together = spoken(voices, loaded, tmp_path / "together", plan, [(0, 4)])
    apart = spoken(voices, loaded, tmp_path / "apart", plan, [(2, 4), (1, 2), (0, 1)])
    for frame in range(plan.frames):
        assert np.array_equal(together[frame][0], apart[frame][0])
        assert together[frame][1] == apart[frame][1]
    assert not np.array_equal(together[0][0][:9000], together[2][0][:9000])
    assert [said.text for said in together[0][1].pieces] == ["One.", "Two"]


def test_a_worker_without_espeak_says_so_once_for_all_lines(voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, located = parse("kind: speech\noutput: out/\ntext: [One, Two]", path="s.yaml", folder=voices)
    plan = plan_job(spec, located, Settings())
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())
    monkeypatch.setattr(espeak, "library", lambda: None)
    espeak.offered.cache_clear()
    failed: list[str] = []
    work = Work(start=0, stop=2, watch=Stopwatch(), fail=lambda frame, why: failed.append(why))
    with pytest.raises(ConfigError, match="eSpeak NG, which this machine lacks"):
        list(SpeechPainter(plan.inputs, easel, deep=False).paint(work))
    assert not failed


class _Damaged:
    """A voice whose second piece is no sound."""

    def __init__(self) -> None:
        self._pieces = 0

    def say(self, text: str, asked: Asked) -> Spoken:
        self._pieces += 1
        return Spoken(np.full(9000, 0.5 if self._pieces == 1 else np.nan, np.float32), 16_000)


def test_no_piece_is_left_out_because_its_weights_are_damaged(voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, located = parse(
        "kind: speech\noutput: out/\ntext: ['One.\n\nTwo.']\nvoice: vits", path="s.yaml", folder=voices
    )
    plan = plan_job(spec, located, Settings())
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())
    speaker = Speaker()
    monkeypatch.setattr(speaker, "voice", lambda **_: _Damaged())
    work = Work(start=0, stop=1, watch=Stopwatch(), model=lambda index, precision=None: speaker)
    with pytest.raises(ModelError, match=r"^voice vits: gives values that are not finite; its weights are damaged$"):
        list(SpeechPainter(plan.inputs, easel, deep=False).paint(work))


def test_without_any_line_there_is_no_narration(tmp_path: Path) -> None:
    receipt = Receipt.model_construct(start=0, stop=1, chunk=0, extra={}, bad={0: "line 0001: it coughed"})
    with pytest.raises(MediaError, match=r"^no line could be said, so there is no narration: line 0001: it coughed$"):
        narration_of(make_plan(), [receipt], lambda blob, chunk: b"", tmp_path, lambda: None)


class _Touch:
    """What a pickle may hold: on being read it makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mknod, (str(self._path),)


def test_pickled_weights_are_read_without_their_objects(
    voices: Path, loaded: dict[str, Speaker], tmp_path: Path
) -> None:
    pickled = shutil.copytree(voices / "vits", tmp_path / "pickled")
    tensors = load_file(pickled / "model.safetensors")
    (pickled / "model.safetensors").unlink()
    torch.save(tensors, pickled / "pytorch_model.bin")
    voice = load(pickled).voice()
    torch.manual_seed(3)
    made = voice.say(TEXT, Asked("en")).samples
    assert np.array_equal(made, ours(loaded, voices, "vits"))
    torch.save({**tensors, "extra": _Touch(tmp_path / "touched")}, pickled / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled: its pickle holds more than tensors, which may be code"):
        load(pickled)
    assert not (tmp_path / "touched").exists()
