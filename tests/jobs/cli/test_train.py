"""`atelier train style`: the job file that its options amount to, what they may not say, and what becomes of it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from jobs import registry
from jobs.cli import guard, train
from jobs.cli.views import LiveView, PlainView
from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job
from pipeline.training.recipe import Recipe
from pipeline.training.schedule import Schedule
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.test_steering import interrupt, no_workers
from tests.jobs.cli.test_views import SNAPSHOT
from tests.jobs.files import write_checkpoint


@pytest.fixture
def words(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command that is right. The features are only looked at from afar."""
    photos = shell.folder / "photos"
    photos.mkdir()
    for number in range(10):
        Image.new("RGB", (120, 100), (number * 20, 80, 120)).save(photos / f"{number}.jpg")
    Image.new("RGB", (130, 100), "orange").save(shell.folder / "sun.png")
    features = write_checkpoint(shell.folder / "features.safetensors")
    monkeypatch.setattr("jobs.features.SHIPPED", features)
    monkeypatch.setattr("jobs.features._check", lambda path, deepest: None)
    monkeypatch.chdir(shell.folder)
    return ["train", "style", "--painting", "sun.png", "--photos", "photos", "--name", "sun"]


@pytest.fixture
def planned(words: list[str], shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """The plan that the command with some more words would submit."""
    plans: list[Plan] = []
    monkeypatch.setattr(train, "_drive", lambda spec, plan, go_on: plans.append(plan))
    monkeypatch.setattr(train, "_register", lambda plan: None)

    def run(*more: str) -> Plan:
        result = shell(*words, *more)
        assert result.exit_code == 0, result.output
        return plans.pop()

    return run


def test_options_amount_to_a_job_file(planned: Callable[..., Plan], shell: Shell) -> None:
    plan = planned("--iterations", "250", "--set", "style=25", "--set", "crop=128", "--set", "credit=Nobody, Sun: 1900")
    text = "kind: train-style\nname: sun\npainting: sun.png\nphotos: photos\noutput: sun-style/\niterations: 250\n"
    text += "style: 25\ncrop: 128\ncredit: 'Nobody, Sun: 1900'\n"
    spec, located = parse(text, path="sun.yaml", folder=shell.folder)
    assert plan == plan_job(spec, located, Settings())
    assert (plan.frames, plan.chunks, plan.products) == (3, ((0, 3),), ("sun.safetensors", "sun.md"))
    assert [ref.name for ref in plan.files] == ["sun.png", "features.safetensors"]
    assert [ref.name for ref in plan.models] == ["starry-night"]


def test_defaults_are_the_recipes_and_the_schedules(planned: Callable[..., Plan]) -> None:
    inputs = planned().inputs
    assert inputs["recipe"].keys() == vars(Recipe()).keys()
    assert (inputs["recipe"]["style"], inputs["recipe"]["crop_px"]) == (Recipe().style, Recipe().crop_px)
    assert inputs["schedule"] == vars(Schedule())


def test_the_same_command_is_the_same_job_unless_asked_otherwise(planned: Callable[..., Plan]) -> None:
    assert planned().job == planned().job
    assert planned("--again").job != planned().job


def test_other_photographs_are_another_job(planned: Callable[..., Plan], shell: Shell) -> None:
    before = planned().job
    Image.new("RGB", (120, 100)).save(shell.folder / "photos/new.jpg")
    assert planned().job != before


def test_few_photographs_are_noted(planned: Callable[..., Plan]) -> None:
    assert planned().notes[0].startswith("10 photographs are few")


def test_random_weights_and_other_features_can_be_asked_for(planned: Callable[..., Plan]) -> None:
    plan = planned("--warm-start", "none", "--features", "torchvision")
    assert (plan.models, len(plan.files)) == ((), 1)
    assert (plan.inputs["warm_start"], plan.inputs["features"]) == ("none", "torchvision")


def test_a_registered_style_can_be_begun_from(planned: Callable[..., Plan], shell: Shell) -> None:
    write_checkpoint(shell.folder / "dunes.safetensors")
    shell("models", "add", str(shell.folder / "dunes.safetensors"))
    assert planned("--warm-start", "dunes").models[0].name == "dunes"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--painting", "gone.png", "--painting: {folder}/gone.png: no such file"),
        ("--painting", "photos", "--painting: {folder}/photos: is a folder, not a file"),
        ("--painting", "notes.txt", "--painting: {folder}/notes.txt: is no picture"),
        ("--painting", "dot.png", "--painting: {folder}/dot.png: 1x1 px is too small to learn from"),
        ("--painting", "bomb.png", "--painting: {folder}/bomb.png: 30000x30000 is larger than the limit"),
        ("--photos", "gone", "--photos: {folder}/gone: no such file"),
        ("--photos", "sun.png", "--photos: {folder}/sun.png: is no folder; give the folder"),
        ("--photos", "empty", "--photos: {folder}/empty: holds no photographs"),
        ("--photos", "few", "--photos: {folder}/few: holds 1 photographs, and a training needs 10"),
        ("--photos", "small", "--photos: {folder}/small/5.png: 40x40 px is too small"),
        ("--name", "a/b", "--name: name: 'a/b' is no name for a style"),
        ("--name", "great-wave", "--name: name: 'great-wave' is a style that ships with Atelier"),
        ("--iterations", "0", "--iterations: iterations: input should be greater than or equal to 1"),
        ("--features", "vgg", "--features: features: 'vgg' is neither atelier nor torchvision, nor a file"),
        ("--features", "gone.npz", "--features: {folder}/gone.npz: no such file"),
        ("--warm-start", "stary-night", "--warm-start: warm_start: unknown style 'stary-night'; did you mean"),
        ("--set", "crop=10", "--set crop=10: crop: input should be greater than or equal to 64"),
        (
            "--set",
            "preview_every=1",
            "--set preview_every=1: preview_every: 1,600 iterations would have 1,600 previews",
        ),
        ("--set", "croop=10", "--set croop=10: unknown key 'croop'; did you mean 'crop'?"),
        ("--set", "chunk=10", "--set chunk=10: chunk: this kind of job is one piece of work"),
        ("--set", "credit=a | b", "--set credit=a | b: credit: is one line of text without |"),
    ],
)
def test_what_is_wrong_is_said_at_its_option(
    words: list[str], shell: Shell, option: str, value: str, said: str
) -> None:
    _bad_input(shell.folder)
    result = shell(*words, option, value)
    assert result.exit_code == guard.BAD_INPUT, result.output
    assert result.stderr.startswith(said.format(folder=shell.folder)), result.stderr
    assert result.stderr.count("\n") == 1


def _png_header(width: int, height: int) -> bytes:
    """All that is read of a PNG before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b"")]
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _bad_input(folder: Path) -> None:
    (folder / "notes.txt").write_text("no picture")
    Image.new("RGB", (1, 1)).save(folder / "dot.png")
    (folder / "bomb.png").write_bytes(_png_header(30_000, 30_000))
    for name, count, side in (("empty", 0, 0), ("few", 1, 120), ("small", 10, 40)):
        (folder / name).mkdir()
        for number in range(count):
            Image.new("RGB", (side if number == 5 or count == 1 else 120,) * 2).save(folder / name / f"{number}.png")


def test_a_setting_without_a_value_is_refused(words: list[str], shell: Shell) -> None:
    result = shell(*words, "--set", "crop")
    assert result.exit_code == guard.BAD_INPUT
    assert "'crop' is no KEY=VALUE" in result.stderr


def test_interrupting_pauses_the_training_and_says_how_to_go_on(
    words: list[str], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    result = shell(*words, "--set", "style=25")
    assert result.exit_code == guard.INTERRUPTED
    go_on = "atelier train style --painting sun.png --photos photos --name sun --output sun-style/ --set style=25"
    assert f"`{go_on}` goes on" in result.stderr
    assert [row["state"] for row in shell.json("jobs")] == ["paused"]
    assert registry.registered() == {}


def test_a_finished_training_is_registered(words: list[str], shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def deliver(spec: object, plan: Plan, go_on: str) -> None:
        output = Path(plan.output)
        output.mkdir()
        write_checkpoint(output / "sun.safetensors")
        (output / "sun.md").write_text("# sun")

    monkeypatch.setattr(train, "_drive", deliver)
    result = shell(*words)
    assert "registered: style: sun in job files" in result.stdout
    assert set(registry.registered()) == {"sun"}
    assert (registry.folder() / "sun.md").read_text() == "# sun"


@pytest.fixture
def shown(planned: Callable[..., Plan], shell: Shell) -> tuple[Plan, str]:
    """A plan with two previews in the store, of two attempts, and the newest one's place."""
    plan = planned()
    folder = shell.folder / "store/jobs" / plan.job / "attempts/000000"
    for token, number in (("9", 3), ("10", 1), ("10", 2)):
        (folder / token).mkdir(parents=True, exist_ok=True)
        (folder / token / f"png-{number:08d}.png").write_bytes(b"")
    return plan, str(folder / "10/png-00000002.png")


def test_a_log_tells_where_the_newest_preview_lies(shown: tuple[Plan, str]) -> None:
    plan, place = shown
    text = io.StringIO()
    view = PlainView(plan, Console(file=text, width=400))
    for done in (13, 16):
        view.show(replace(SNAPSHOT, frames_done=done), workers=1)
    assert text.getvalue().count(f"newest preview: {place}\n") == 1


def test_a_terminal_tells_where_the_newest_preview_lies(shown: tuple[Plan, str]) -> None:
    plan, place = shown
    text = io.StringIO()
    with LiveView(plan, Console(file=text, force_terminal=True, width=400)) as view:
        view.show(replace(SNAPSHOT, running=()), workers=1)
    assert f"newest preview: {place}" in text.getvalue()
