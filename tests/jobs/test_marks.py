"""Planning decides what a job's files say and show: by its kind, its job file and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings, settings
from jobs.marks import facts_of
from jobs.records import ModelRef, Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.errors import ConfigError
from pipeline.provenance import Marks
from pipeline.provenance.label import Label
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.making import make_plan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence of 25 frames, and a style."""
    write_sequence(tmp_path / "shots", 25)
    write_checkpoint(tmp_path / "my.safetensors")
    return tmp_path


def _plan(folder: Path, config: Settings | None = None, **changes: object) -> Plan:
    spec, located = parse(job_text(**changes), path="film.yaml", folder=folder)
    return plan_job(spec, located, config or Settings())


def _problem(folder: Path, **changes: object) -> str:
    with pytest.raises(JobSpecProblems) as caught:
        _plan(folder, **changes)
    [problem] = caught.value.problems
    return problem


def test_what_a_network_changed_is_marked(folder: Path) -> None:
    plan = _plan(folder, Settings(producer="001191110102MACQD9K64010000"))
    assert plan.marks == Marks(origin="composed", producer="001191110102MACQD9K64010000")
    assert plan.label is None
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_what_no_model_changed_is_not_marked(folder: Path) -> None:
    plan = _plan(folder, Settings(label="on"), strength=0)
    assert (plan.origin, plan.marks, plan.label) == (None, None, None)


def test_marks_can_be_turned_off(folder: Path) -> None:
    plan = _plan(folder, Settings(marks="off", label="on"))
    assert (plan.origin, plan.marks) == ("composed", None)
    assert plan.label == Label(text="AI-generated")


def test_a_plan_of_an_older_atelier_has_none() -> None:
    plan = make_plan()
    body = plan.model_dump(mode="json", exclude={"origin", "marks", "label"})
    assert Plan.model_validate(body) == plan


@pytest.mark.parametrize(
    ("written", "label"),
    [
        (None, None),
        ("off", None),
        ("false", None),
        ("on", Label(text="AI-generated")),
        ("yes", Label(text="AI-generated")),
        ("{locale: zh, position: top-left}", Label(text="AI生成", locale="zh", position="top-left")),
        ("{text: Made by a model, seconds: always}", Label(text="Made by a model", seconds="always")),
        ("{height: 0.08, seconds: 3}", Label(text="AI-generated", height=0.08, seconds=3)),
    ],
)
def test_a_job_file_says_what_is_shown(folder: Path, written: str | None, label: Label | None) -> None:
    assert _plan(folder, label=written).label == label
    if written is not None:
        assert _plan(folder, Settings(label="on"), label=written).label == label


def test_who_shows_less_than_the_standard_wants_is_told(folder: Path) -> None:
    assert _plan(folder, label="{height: 0.03, seconds: 1}").notes[-2:] == (
        "the label's letters are lower than the 5% that GB 45438-2025 asks for",
        "the label is shown for less than the 2 s that GB 45438-2025 asks for",
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3", "label: write on, off, or what it is to be: {text: AI-generated, position: bottom-right}"),
        ("[on]", "label: write on, off, or"),
        ("{position: middle}", "label.position: 'middle' is not one of top-left, top, top-right"),
        ("{height: 0.5}", "label.height: input should be less than or equal to 0.25"),
        ("{text: true}", "text: is true, as YAML reads it"),
        ('{text: " "}', "label.text: is one line of letters"),
        ("{locale: tlh}", "label.locale: 'tlh' has no text; known are ar, bg"),
        ("{colour: red}", "unknown key 'colour'"),
        ("{text: \U00013000}", "label: no font has "),
    ],
)
def test_a_label_that_cannot_be_says_what_would_be_right(folder: Path, written: str, said: str) -> None:
    problem = _problem(folder, label=written)
    assert problem.startswith("film.yaml:5: ")
    assert said in problem


def _labelled(plan: Plan) -> list[int]:
    return [frame for frame in range(plan.frames) if plan.is_labelled(frame)]


def test_pictures_show_it_and_films_begin_with_it() -> None:
    plan = make_plan(chunks=3, size=20)
    assert _labelled(plan) == []
    shown = plan.model_copy(update={"label": Label(text="AI", seconds=0.5)})
    assert _labelled(shown) == list(range(60))
    film = shown.model_copy(update={"rate": "24000/1001"})
    assert _labelled(film) == list(range(12))
    assert _labelled(film.model_copy(update={"film_begins": 20})) == list(range(32))
    assert _labelled(film.model_copy(update={"pictures": (59,)})) == [*range(12), 59]
    always = film.model_copy(update={"label": Label(text="AI", seconds="always")})
    assert _labelled(always) == list(range(60))
    assert (film.is_labelled_throughout, always.is_labelled_throughout) == (False, True)


def test_facts_name_the_models_and_no_folder() -> None:
    models = tuple(ModelRef(name=name, entry="m:load", weights="w", sha256=name * 64) for name in "aba")
    plan = make_plan().model_copy(update={"models": models, "style": "/films/styles/mine.safetensors"})
    assert facts_of(plan) == {
        "kind": "film",
        "model": "mine.safetensors",
        "modelSha256": f"{'a' * 64} {'b' * 64}",
    }


def test_half_of_a_certificate_is_refused() -> None:
    assert Settings().signing() is None
    with pytest.raises(ConfigError, match="ATELIER_C2PA_KEY: signing takes a certificate and its key"):
        Settings(c2pa_certificate=Path("a.pem")).signing()
    with pytest.raises(ConfigError, match="ATELIER_C2PA_CERTIFICATE: "):
        Settings(c2pa_key=Path("a.pem")).signing()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("producer", "工作室", "a producer is 1 to 128 ASCII letters"),
        ("producer", "a b", "a producer is 1 to 128 ASCII letters"),
        ("c2pa_timestamp", "https://me:hunter2@time.example/", "it is no address of an authority"),
        ("c2pa_timestamp", "ftp://time.example", "it is no address of an authority"),
        ("marks", "maybe", "write on or off"),
    ],
)
def test_wrong_settings_say_what_is_right(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"ATELIER_{name.upper()}", value)
    settings.cache_clear()
    with pytest.raises(ConfigError, match=said) as caught:
        settings()
    assert "hunter2" not in str(caught.value)
    settings.cache_clear()
