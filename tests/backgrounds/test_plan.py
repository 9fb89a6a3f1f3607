"""What a job file may say of a background, what is planned of it, and every sentence about what is wrong."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from jobs.kinds import KINDS, kind
from jobs.kinds.background_keys import Background, nestable_kinds
from jobs.kinds.base import JobSpec
from jobs.spec import JobSpecProblems, canonical, parse
from pipeline.backgrounds.brief import Film
from tests.backgrounds.making import Backed, planned
from tests.diffusion.folders import write_folder

FACES = "kind: portraits, model: faces.safetensors"
ROOMS = "kind: interiors, model: rooms.safetensors"


def told(text: str, folder: Path) -> str:
    """What is said of a wrong one."""
    with pytest.raises(JobSpecProblems) as problems:
        planned(text, folder)
    return str(problems.value).replace(f"{folder}/", "")


def nested(text: str, folder: Path) -> Backed:
    """The plan of another kind's keys, in braces."""
    return planned(f"background: {{{text}}}", folder)


# What is planned


def test_a_walk_lasts_as_long_as_the_poster_at_its_rate(folder: Path) -> None:
    painted = nested(f"{FACES}, seeds: 0-4, walk: true", folder).brief.painted
    assert painted is not None
    assert painted.stills == ((0, 5),)
    assert painted.film == Film(start=5, stop=17, rate=Fraction(6), loops=True)


@pytest.mark.parametrize(
    ("walk", "frames", "rate"),
    [("seconds: 3", 18, 6), ("frames: 9", 9, 6), ("fps: 10", 20, 10), ("seconds: 3, fps: 10", 30, 10)],
)
def test_a_walk_that_says_its_length_or_rate_keeps_it(folder: Path, walk: str, frames: int, rate: int) -> None:
    painted = nested(f"{FACES}, seeds: 0-4, walk: {{{walk}}}", folder).brief.painted
    assert painted is not None
    assert painted.film == Film(start=5, stop=5 + frames, rate=Fraction(rate), loops=True)


@pytest.mark.parametrize(
    ("keys", "notes"),
    [
        ("walk: true", ()),
        ("walk: {seconds: 2.5}", ()),
        ("walk: {seconds: 7}", ("background: its film of 7 s is played 3.5 times as fast, to fit 2 s",)),
        ("walk: {seconds: 0.5}", ()),
        (
            "walk: {seconds: 1}, play: stretch",
            ("background: its film of 1 s is played 2.0 times as slowly, to fit 2 s",),
        ),
        ("walk: {seconds: 7}, play: bounce", ()),
    ],
)
def test_people_are_told_when_a_film_does_not_keep_its_speed(folder: Path, keys: str, notes: tuple[str, ...]) -> None:
    assert nested(f"{FACES}, seeds: 0-4, {keys}", folder).plan.notes == notes


@pytest.mark.parametrize(("film", "loops"), [("true", True), ("{loop: false}", False), ("{through: [0, 2]}", True)])
def test_so_does_a_film_from_design_to_design(folder: Path, film: str, loops: bool) -> None:
    painted = nested(f"{ROOMS}, seeds: 0-3, film: {film}", folder).brief.painted
    assert painted is not None
    assert painted.film == Film(start=4, stop=16, rate=Fraction(6), loops=loops)


@pytest.mark.parametrize(
    ("text", "stills", "film"),
    [
        (f"{FACES}, seeds: 0-4", ((0, 5),), None),
        (f"{FACES}, walk: {{through: 0-4}}", (), Film(start=0, stop=12, rate=Fraction(6), loops=True)),
        (f"{ROOMS}, seeds: [3, 7]", ((0, 2),), None),
        ("kind: film, source: five.png, style: starry-night", ((0, 1),), None),
        ("kind: film, source: ten.mp4, style: starry-night", (), Film(start=0, stop=10, rate=Fraction(5))),
        ("kind: artwork, content: five.png, paintings: five.png", ((0, 1),), None),
        (
            "kind: artwork, content: five.png, paintings: five.png, becoming: 12",
            ((11, 12),),
            Film(start=0, stop=12, rate=Fraction(24)),
        ),
    ],
)
def test_every_kinds_pictures_and_films_are_told_apart(
    folder: Path, text: str, stills: tuple[tuple[int, int], ...], film: Film | None
) -> None:
    painted = nested(text, folder).brief.painted
    assert painted is not None
    assert (painted.stills, painted.film) == (stills, film)


def test_models_and_files_are_those_of_the_posters_plan(folder: Path) -> None:
    made = nested("kind: film, source: ten.mp4, style: {painting: five.png}", folder)
    painted = made.brief.painted
    assert painted is not None
    assert [made.parts.models[place].name for place in painted.models] == ["any-painting"]
    assert [made.parts.files[place].name for place in painted.files] == ["five.png"]
    assert made.brief.upscaler is not None
    assert made.parts.models[made.brief.upscaler].name == "upscaler"


def test_shots_are_never_spanned(folder: Path) -> None:
    text = "kind: film, source: ten.mp4, style: starry-night, cuts: [4], consistency: flow"
    painted = nested(text, folder).brief.painted
    assert painted is not None
    assert (painted.chunks, painted.lead_in > 0) == ((0, 3, 10), True)


def test_files_are_pictures_and_films_and_what_a_folder_holds_of_them(folder: Path) -> None:
    own = planned("background: [five.png, both/, ten.mp4]", folder).brief.own
    assert [(each.name, each.file is not None) for each in own] == [
        ("five.png", True),
        ("2.png", True),
        ("10.mp4", False),
        ("ten.mp4", False),
    ]


@pytest.mark.parametrize(("play", "frames"), [("hold", 6), ("bounce", 6), ("stretch", 10), ("loop", 10)])
def test_no_more_of_a_film_is_planned_than_will_be_seen(folder: Path, play: str, frames: int) -> None:
    text = f"background: {{files: ten.mp4, play: {play}}}"
    source = planned(text, folder, seconds=Fraction(1)).brief.own[0].source
    assert source is not None
    assert (source.frames, len(source.pts)) == (frames, frames)


@pytest.mark.parametrize(
    ("text", "said", "picked"),
    [
        (f"{{{FACES}, seeds: [3, 7-9], walk: true}}", "8", 2),
        (f"{{{FACES}, seeds: [3, 7-9], walk: true}}", "4", None),
        (f"{{{FACES}, seeds: [3, 7-9]}}", "x", None),
        (f"{{{FACES}, walk: {{through: 0-4}}}}", "2", None),
        (f"{{{ROOMS}, seeds: 5-6, strips: {{attributes: [warmth]}}}}", "6", 1),
        ("[five.png, both/]", "10.mp4", 2),
        ("[five.png, both/]", "11.mp4", None),
    ],
)
def test_an_audience_may_choose_its_picture(folder: Path, text: str, said: str, picked: int | None) -> None:
    plan = planned(f"background: {text}", folder).plan
    assert plan.pick(said) == picked
    assert picked is None or plan.shows(picked) == said


def test_another_seed_or_another_file_is_another_job(folder: Path, tmp_path: Path) -> None:
    one, other = (nested(f"{FACES}, seeds: {seed}", folder) for seed in (1, 2))
    assert one.plan.brief != other.plan.brief
    copy = tmp_path / "five.png"
    copy.write_bytes((folder / "five.png").read_bytes())
    before = planned("background: five.png", tmp_path).plan.fingerprint
    copy.write_bytes((folder / "both" / "2.png").read_bytes())
    assert planned("background: five.png", tmp_path).plan.fingerprint != before


def test_the_record_of_a_job_says_what_it_was_made_of_and_nothing_of_the_nested_jobs_output(folder: Path) -> None:
    text = f"kind: backed\noutput: out/\nbackground: {{{FACES}, seeds: 0-4, blend: true}}"
    spec: JobSpec = parse(text, path="p.yaml", folder=folder)[0]
    said = json.loads(json.dumps(canonical(spec)))["background"]
    assert said["blend"] is True
    assert (said["made"]["kind"], said["made"]["seeds"]) == ("portraits", "0-4")
    assert not {"output", "deliver", "priority", "chunk"} & set(said["made"])


def test_what_another_kind_would_leave_out_is_refused(folder: Path, tmp_path: Path) -> None:
    write_folder(folder / "sd", "sd")
    table = tmp_path / "prompts.csv"
    table.write_text("prompt,name\na door,a\n,b\n", encoding="utf-8")
    text = f"kind: diffusion, model: sd, prompts: {table}"
    assert told(f"background: {{{text}}}", folder) == "p.yaml:3: prompts.csv:3: has no prompt; say what is to be seen"
    said = told("background: {kind: diffusion, model: sd, brief: boats}", folder)
    assert said.startswith("p.yaml:3: brief: is answered for a job of its own, and not for a background; write what it")
    table.write_text("prompt,name\na door,a\na sea,b\n", encoding="utf-8")
    painted = nested(text, folder).brief.painted
    assert painted is not None
    assert (painted.count, painted.name) == (2, "sd")


def test_a_kind_that_says_nothing_of_backgrounds_can_be_one() -> None:
    assert {"film", "artwork", "portraits", "projection", "interiors", "diffusion"} <= set(nestable_kinds())
    assert not {name for name in nestable_kinds() if name.startswith("train-")}


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"backed"}))
def test_no_kinds_key_has_the_name_of_one_of_ours(name: str) -> None:
    assert not kind(name).nestable or not {"play", "blend", "upscale"} & set(kind(name).spec.model_fields)


# What is wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("background: gone.png", "p.yaml:3: background: gone.png: no such film, picture or folder"),
        (
            "background: portraits",
            "p.yaml:3: background: portraits: no such film, picture or folder; of a kind of job write "
            "background: {kind: portraits, …}",
        ),
        ("background:\n  - five.png\n  - gone.mp4", "p.yaml:5: background: gone.mp4: no such film, picture or folder"),
        (
            "background: empty/",
            "p.yaml:3: background: empty/: holds no pictures and no films; put .png, .jpg or .mp4 files there",
        ),
        (
            "background: 7",
            "p.yaml:3: background: 7 is none; write a picture or film, a list of them, or "
            "{kind: portraits, model: portraits, seeds: 0-9}",
        ),
        (
            "background: {play: loop}",
            "p.yaml:3: background: says neither `files` nor a kind; write a picture or film, or "
            "{kind: portraits, model: portraits, seeds: 0-9}",
        ),
        (
            f"background: {{{FACES}, seeds: 3,7}}",
            "p.yaml:3: background: within braces a comma ends a value; write seeds: [3, 7]",
        ),
        (
            "background: {files: five.png, play: often}",
            "p.yaml:3: background.play: 'often' is not one of loop, stretch, hold, bounce",
        ),
        (
            "background:\n  kind: portrait",
            "p.yaml:4: background: unknown kind 'portrait'; did you mean 'portraits'? known are film, retouch, "
            "artwork, portraits, projection, diffusion, interiors, motion",
        ),
        (
            "background:\n  kind: train-gan\n  name: x",
            "p.yaml:4: background: train-gan makes no pictures that could be one; kinds that can are film, retouch, "
            "artwork, portraits, projection, diffusion, interiors, motion",
        ),
        (
            f"background:\n  {FACES.replace(', ', chr(10) + '  ')}\n  seeds: 0-4\n  deliver: [png]",
            "p.yaml:7: deliver: is the whole job's, and not its background's; leave it out here",
        ),
        (
            f"background:\n  {FACES.replace(', ', chr(10) + '  ')}\n  sedes: 0-4",
            "p.yaml:6: unknown key 'sedes'; did you mean 'seeds'?",
        ),
        (
            "background:\n  kind: portraits\n  seeds: 0-4",
            "p.yaml:3: 'model' is missing: generator that `atelier models` lists, or a .safetensors or .pkl file; "
            "a path, s3:// or https://",
        ),
        (
            f"background:\n  {FACES.replace(', ', chr(10) + '  ')}\n  seeds: 0-x",
            "p.yaml:6: seeds: '0-x' is no number and no range; write seeds: 0-63,100",
        ),
        (
            f"background:\n  {FACES.replace(', ', chr(10) + '  ')}\n  walk: {{through: 3}}",
            "p.yaml:6: walk: leads through 1; a walk has 2 to 4,096 keyframes, as in through: 0-7",
        ),
        (
            f"background:\n  {FACES.replace(', ', chr(10) + '  ')}\n  seeds: 0-4\n  class: 2",
            "p.yaml:7: class: the model knows no classes; leave it out",
        ),
        (
            "background:\n  kind: film\n  style: starry-night\n  source: ten.mp4\n  frames: 5-11",
            "p.yaml:7: frames: 5-11 leaves the source, which has frames 1-10",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(folder: Path, text: str, said: str) -> None:
    assert told(text, folder) == said


def test_more_than_a_job_may_have_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_MAX_FRAMES", "9")
    said = "the job has 10 frames; at most 9 are allowed (ATELIER_MAX_FRAMES)"
    assert said in told("background:\n  kind: film\n  style: starry-night\n  source: ten.mp4", folder)
    monkeypatch.setenv("ATELIER_MAX_PIXELS", "5000")
    assert "five.png: 96x64 is larger than the limit" in told("background: five.png", folder)


def test_a_background_is_read_outside_of_job_files_as_well(folder: Path) -> None:
    said = {"kind": "portraits", "model": "faces.safetensors", "seeds": 3}
    assert Background.model_validate(said, context={"folder": folder}).made is not None
