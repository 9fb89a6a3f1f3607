"""Films by diffusion: what job files plan, and every sentence about what is wrong with one. Without the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.config import Settings
from jobs.kinds.diffusion_film import chunks
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.diffusion.noise import LEAD_IN
from tests.diffusion.folders import write_control, write_folder, write_json
from tests.media import write_film


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models, a film of two shots, a picture, a folder of pictures and what is none."""
    folder = tmp_path_factory.mktemp("media")
    for family in ("sd", "sd3"):
        write_folder(folder / family, family)
    write_folder(folder / "lcm", "sd")
    write_json(folder / "lcm/scheduler/scheduler_config.json", {"_class_name": "LCMScheduler"})
    chance = np.random.default_rng(0)
    shots = [chance.integers(0, 255, (64, 100, 3), np.uint8) for _ in range(2)]
    write_film(folder / "film.mp4", [shots[n >= 14] for n in range(30)], sound="aac")
    write_control(folder / "canny", "sd")
    (folder / "pictures").mkdir()
    for path in ("photo.png", "pictures/one.png", "pictures/two.png"):
        Image.fromarray(shots[0]).save(folder / path)
    (folder / "broken.mp4").write_bytes(b"no film")
    (folder / "two.csv").write_text("prompt\na door\na sea\n")
    (folder / "image.csv").write_text("prompt,image\na door,photo.png\n")
    return folder


def planned(media: Path, text: str, model: str = "sd", settings: Settings | None = None) -> Plan:
    head = f"kind: diffusion\nmodel: {model}\noutput: out/\n"
    spec, located = parse(f"{head}{text}", path="d.yaml", folder=media)
    return plan_job(spec, located, settings or Settings())


FILM = "task: film\nfilm: film.mp4\nprompts: a red door\n"


def told(media: Path, text: str, settings: Settings | None = None) -> str:
    with pytest.raises(JobSpecProblems) as problems:
        planned(media, text, settings=settings)
    return str(problems.value).replace(f"{media}/", "")


# What is planned


def test_a_film_is_planned_as_films_are(media: Path) -> None:
    plan = planned(media, f"{FILM}seeds: 7\nkeyframes: 4\nchunk: 9")
    # Each chunk begins with a keyframe, and none spans the cut.
    assert plan.chunks == ((0, 8), (8, 14), (14, 22), (22, 30))
    assert (plan.frames, plan.first, plan.rate, plan.deliver, plan.stem) == (30, 1, "24", ("h264",), "film")
    assert (plan.origin, plan.manifest, plan.on_error, plan.notes) == ("composed", False, "fail", ("2 shots",))
    assert plan.lead_in == LEAD_IN + 3
    assert plan.frame_name(2) == "film.0003"
    brief = DiffusionBrief.model_validate(plan.inputs)
    row = brief.row(29)
    assert (row.seed, row.size, row.setting.strength, row.subject.prompt) == (7, (104, 64), 0.5, "a red door")
    assert (brief.shot_of(13), brief.shot_of(14)) == ((0, 14), (14, 30))
    assert brief.said() == "30 steps, guidance 7.5, strength 0.5, a keyframe in 4"


def test_a_part_of_a_film_at_a_size_of_its_own(media: Path) -> None:
    plan = planned(media, f"{FILM}frames: 10-20\nsize: 64x48\ncuts: [15]\ndeliver: [png16, contact-sheet]")
    assert (plan.frames, plan.first, plan.deep, plan.deliver) == (11, 10, True, ("png16",))
    assert plan.inputs["shots"] == [0, 5]
    assert DiffusionBrief.model_validate(plan.inputs).row(0).size == (64, 48)
    assert planned(media, f"{FILM}cuts: none").inputs["shots"] == [0]


def test_a_films_frames_lead_its_controlnets(media: Path) -> None:
    plan = planned(media, f"{FILM}control: {{model: canny, preprocessor: canny}}")
    assert (plan.inputs["controls"], plan.files) == ([{"name": "canny", "preprocessor": "canny"}], ())


def test_what_makes_other_pixels_makes_another_job(media: Path) -> None:
    texts = [FILM, f"{FILM}cuts: none", f"{FILM}frames: 1-20", f"{FILM}keyframes: 2", f"{FILM}seeds: 3"]
    assert len({planned(media, text).job for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("shots", "frames", "size", "every", "expected"),
    [
        ((0,), 100, 48, 8, [(0, 48), (48, 96), (96, 100)]),
        ((0,), 97, 48, 8, [(0, 48), (48, 97)]),
        ((0,), 20, 3, 8, [(0, 8), (8, 16), (16, 20)]),
        ((0, 5, 6), 12, 4, 1, [(0, 5), (5, 6), (6, 10), (10, 12)]),
        ((0,), 3, 1, 1, [(0, 1), (1, 2), (2, 3)]),
    ],
)
def test_chunks_begin_with_keyframes(
    shots: tuple[int, ...], frames: int, size: int, every: int, expected: list[tuple[int, int]]
) -> None:
    assert list(chunks(shots, frames, size, every)) == expected


def test_schedulers_that_draw_noise_at_every_step_are_told(media: Path) -> None:
    said = "draws noise at every step, which does not follow the picture; ddim and dpm++ draw none"
    assert f"euler-ancestral {said}" in planned(media, f"{FILM}scheduler: euler-ancestral").notes
    assert f"lcm {said}" in planned(media, FILM, model="lcm").notes
    assert planned(media, f"{FILM}scheduler: ddim", model="lcm").notes == ("2 shots",)


# What is wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task: film\nprompts: a", "'film' is missing: task: film changes one; write film: holiday.mp4"),
        ("film: film.mp4\nprompts: a", "film: is of films; write task: film, or leave it out"),
        ("keyframes: 4\nprompts: a", "keyframes: is of films; write task: film, or leave it out"),
        (f"{FILM}image: photo.png", "image: is of pictures, and task: film changes `film`; leave it out"),
        (f"{FILM}mask: photo.png", "mask: is of pictures, and task: film changes `film`; leave it out"),
        (
            f"{FILM}control: {{model: canny, preprocessor: canny, image: photo.png}}",
            "control: a film's own frames lead; write no image, and preprocessor: canny, or none",
        ),
        (f"{FILM}scale: 2", "scale: says how much larger pictures become; write task: upscale"),
        (f"{FILM}size: [64x64, 96x64]", "size: a film is made in one way; write one value, and a job file for each"),
        (f"{FILM}strength: [0.3, 0.5]", "strength: a film is made in one way; write one value"),
        (f"{FILM}seeds: 0-3", "seeds: a film has one; write one number, and a job file for each other"),
        (f"{FILM}size: 100x64", "size: 100x64 cannot be made: sides are multiples of 8 px; write 104x64"),
        (f"{FILM}frames: 20-40", "frames: 20-40 leaves the source, which has frames 1-30"),
        (f"{FILM}cuts: [99]", "cuts: there is no frame 99; the source has frames 1-30"),
        (f"{FILM}keyframes: 0", "keyframes: input should be greater than or equal to 1 (it is 0)"),
        (f"{FILM}deliver: [mp4]", "'mp4' is not one of"),
        (f"{FILM}steps: 1", "steps: steps x strength is below 1, 1 x 0.5; write more of either"),
        ("task: film\nfilm: film.mp4\nprompts: [a, b]", "prompts: there are 2, and a film has one; write one prompt"),
        ("task: film\nfilm: film.mp4\nprompts: two.csv", "prompts: there are 2, and a film has one"),
        (
            "task: film\nfilm: film.mp4\nprompts: image.csv",
            "prompts: has a column image, and task: film changes `film`; leave it out",
        ),
        ("task: film\nfilm: lost.mp4\nprompts: a", "lost.mp4: no such film, picture or folder"),
        ("task: film\nfilm: photo.png\nprompts: a", "film: a picture does not move; write task: image-to-image"),
        ("task: film\nfilm: pictures/\nprompts: a", "film: a folder of pictures does not move"),
        ("task: film\nfilm: broken.mp4\nprompts: a", "broken.mp4"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(media: Path, text: str, said: str) -> None:
    found = told(media, text)
    assert said in found
    assert len(found.strip().splitlines()) == 1


def test_a_word_of_the_block_list_makes_no_film(media: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("door\n")
    settings = Settings(prompt_blocklist=str(tmp_path / "words.txt"))
    assert "holds 'door', which is on this farm's list of words" in told(media, FILM, settings)


def test_a_film_of_too_many_pixels_or_frames_is_refused(media: Path) -> None:
    assert "film: 104x64 are 6,656 pixels; at most 6,500" in told(media, FILM, Settings(max_pixels=6_500))
    assert "film: the job has 30 frames; at most 20 are allowed" in told(media, FILM, Settings(max_frames=20))
