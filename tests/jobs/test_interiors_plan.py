"""Interiors job files: what they plan, and every sentence about what is wrong with one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save

from jobs.config import Settings
from jobs.kinds.interiors_keys import InteriorsSpec
from jobs.records import Plan
from jobs.spec import JobSpecProblems, canonical, parse
from jobs.submit import plan_job
from pipeline import provenance
from pipeline.catalog import MODELS, digest
from pipeline.images import encode_png
from pipeline.interiors.brief import InteriorsBrief
from tests.interiors.making import mask, photograph, write_attributes, write_design, write_designer
from tests.portraits.making import write_generator


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small designer and everything that jobs with it may read."""
    folder = tmp_path_factory.mktemp("models")
    model = write_designer(folder / "rooms.safetensors")
    other = write_designer(folder / "other.safetensors", seed=1)
    write_generator(folder / "faces.safetensors")
    for name, value in (("a", 1.0), ("b", -1.0), ("c", 0.5)):
        write_design(folder / f"{name}.png", model, np.full(8, value, np.float32))
    write_design(folder / "foreign.png", other, np.zeros(8, np.float32))
    write_design(folder / "wide.png", model, np.zeros(9, np.float32))
    write_design(folder / "torn.png", model, np.zeros(8, np.float32), wShape="7")
    pictures = {
        "photo": photograph(150, 100),
        "tiny": photograph(15, 40),
        "mask": mask(300, 200),
        "nearly": mask(301, 200),
        "square": mask(64, 64),
        "black": np.zeros((100, 150, 3), np.uint8),
        "white": np.full((100, 150, 3), 255, np.uint8),
    }
    for name, pixels in pictures.items():
        (folder / f"{name}.png").write_bytes(encode_png(pixels))
    for name, alpha in (("layer", mask(300, 200)[..., :1]), ("opaque", np.full((200, 300, 1), 255, np.uint8))):
        made = Image.fromarray(np.concatenate([mask(300, 200), alpha], 2))
        made.save(folder / f"{name}.png")
    page = provenance.embed((folder / "photo.png").read_bytes(), {"model": "rooms", provenance.PAGE: "12 designs"})
    (folder / "page.png").write_bytes(page)
    (folder / "half.png").write_bytes((folder / "photo.png").read_bytes()[:900])
    write_attributes(folder / "mine.safetensors", model)
    write_attributes(folder / "theirs.safetensors", other)
    write_attributes(folder / "known.safetensors", model, ("warmth", "calm"))
    said = {"architecture": "atelier-directions-1", "attributes": '["calm"]', "modelSha256": digest(model)}
    (folder / "narrow.safetensors").write_bytes(save({"directions": np.ones((1, 7), np.float32)}, said))
    (folder / "broken.safetensors").write_bytes(save({"directions": np.full((1, 8), np.nan, np.float32)}, said))
    return folder


def planned(models: Path, text: str, model: str = "rooms.safetensors") -> Plan:
    """The plan of a job file with that model, in the folder of the models."""
    spec, located = parse(f"kind: interiors\nmodel: {model}\noutput: loft/\n{text}", path="i.yaml", folder=models)
    return plan_job(spec, located, Settings())


def told(models: Path, text: str, model: str = "rooms.safetensors") -> str:
    """What is said of a wrong one."""
    before = sorted(models.iterdir())
    with pytest.raises(JobSpecProblems) as problems:
        planned(models, text, model)
    assert sorted(models.iterdir()) == before
    return str(problems.value).replace(f"{models}/", "")


# What is planned


def test_each_seed_is_a_design_that_leaves_four_times_as_large(models: Path) -> None:
    plan = planned(models, "seeds: 40,0-2\nchunk: 3")
    assert (plan.frames, plan.chunks, plan.deliver, plan.names) == (4, ((0, 3), (3, 4)), ("png",), ())
    assert [plan.frame_name(frame) for frame in (0, 3)] == ["seed0000", "seed0040"]
    assert (plan.inputs["size"], plan.inputs["resolution"], plan.inputs["upscaler"]) == (256, 64, "upscaler")
    assert plan.models[1].sha256 == MODELS["upscaler"].sha256


def test_designs_of_the_models_own_size_take_no_upscaler(models: Path) -> None:
    plan = planned(models, "seeds: 1\nsize: 64")
    assert (len(plan.models), plan.inputs["upscaler"]) == (1, "")
    film = planned(models, "seeds: 1-2\nsize: 64\nfilm: {size: 96}\ndeliver: [png, gif]")
    assert len(film.models) == 2


def test_strips_are_pictures_that_are_called_after_their_amounts(models: Path) -> None:
    plan = planned(models, "seeds: 3-5\nstrips: {of: 4, attributes: [warmth, sofa], range: 1, steps: 3}")
    assert plan.names == (
        *("seed0003", "seed0004", "seed0005"),
        *("seed0004-warmth-1.0", "seed0004-warmth+0.0", "seed0004-warmth+1.0"),
        *("seed0004-sofa-1.0", "seed0004-sofa+0.0", "seed0004-sofa+1.0"),
    )
    assert (plan.frames, list(plan.pictured), plan.film_begins) == (9, list(range(9)), 0)
    assert [plan.number(frame) for frame in (0, 2, 3, 8)] == [3, 5, 6, 11]
    assert [strip["of"] for strip in plan.inputs["strips"]] == [1, 1]


def test_amounts_have_as_many_digits_as_tell_them_apart(models: Path) -> None:
    plan = planned(models, "seeds: 1\nstrips: {attributes: [warmth], range: 0.1, steps: 5}")
    assert plan.names[1:3] == ("seed0001-warmth-0.10", "seed0001-warmth-0.05")


def test_a_film_comes_after_the_pictures_in_a_size_of_its_own(models: Path) -> None:
    text = "seeds: 0-3\nstrips: [warmth]\nfilm: {seconds: 0.5}\nsize: 1024\nchunk: 30\ndeliver: [png, gif]"
    plan = planned(models, text)
    assert (plan.frames, plan.film_begins, plan.rate) == (4 + 5 + 48, 9, "24")
    assert plan.chunks == ((0, 9), (9, 39), (39, 57))
    assert (plan.inputs["film"]["size"], plan.inputs["size"]) == (512, 1024)
    assert plan.inputs["film"]["through"] == "0-3"
    assert plan.extent == "frames 0-8 and frames 9-56 of film"


def test_an_interpolation_is_a_film_in_h264(models: Path) -> None:
    plan = planned(models, "seeds: 0-2\ndeliver: [png, interpolation, h264]")
    assert plan.deliver == ("png", "h264")
    assert (plan.frames, plan.inputs["film"]["loop"]) == (3 + 3 * 48, True)


def test_a_film_goes_through_seeds_and_pictures_in_any_order(models: Path) -> None:
    film = "film: {through: [2, a.png, 0-1], loop: false, seconds: 1}"
    plan = planned(models, f"seeds: 0-2\n{film}\ndeliver: [interpolation]")
    assert plan.inputs["film"]["keyframes"] == [
        {"design": 2, "picture": None},
        {"design": None, "picture": 0},
        {"design": 0, "picture": None},
        {"design": 1, "picture": None},
    ]
    assert (plan.inputs["film"]["frames"], plan.inputs["film"]["through"]) == (72, "2, a.png, 0-1")


def test_a_film_through_pictures_alone_has_frames_and_no_designs(models: Path) -> None:
    plan = planned(models, "film: {through: [a.png, b.png]}\ndeliver: [interpolation]")
    assert InteriorsBrief.model_validate(plan.inputs).said() == "a film through 2 pictures"
    assert (plan.frames, plan.film_begins, plan.inputs["designs"]) == (96, 0, 0)
    assert plan.extent == "frames 1-96"
    assert plan.inputs["film"]["size"] == 256
    large = planned(models, "film: {through: [a.png, b.png]}\nsize: 800\ndeliver: [interpolation]")
    assert large.inputs["film"]["size"] == 800


def test_a_picture_alone_is_one_design_that_is_called_after_it(models: Path) -> None:
    plan = planned(models, "around: photo.png\nedit: {warmth: 1.5}\nstrips: [sofa]")
    assert plan.names[:2] == ("photo", "photo-sofa-2.0")
    assert plan.inputs["pictures"] == [{"name": "photo.png", "file": 0, "is_design": False}]
    assert plan.notes == ("photo.png tells no latent of this model; what it shows is looked for",)


def test_a_design_of_the_model_is_told_by_what_it_says_of_itself(models: Path) -> None:
    plan = planned(models, "seeds: 0-3\naround: a.png")
    assert plan.inputs["pictures"] == [{"name": "a.png", "file": 0, "is_design": True}]
    assert plan.notes == ()


def test_every_file_is_pinned_once(models: Path) -> None:
    text = "seeds: 0-3\nbreed: [a.png, b.png]\nfilm: {through: [a.png, 0]}\ndeliver: [gif]"
    plan = planned(models, text + "\nattributes: mine.safetensors\nedit: {calm: -1, warmth: 2}")
    assert [file.name for file in plan.files] == ["a.png", "b.png", "mine.safetensors"]
    assert [edit["attribute"] for edit in plan.inputs["edits"]] == [
        {"name": "calm", "row": 0, "file": 2},
        {"name": "warmth", "row": 0, "file": None},
    ]
    assert plan.job != planned(models, text).job


def test_a_mask_may_be_a_pixel_off_its_pictures_shape(models: Path) -> None:
    for name in ("mask", "nearly"):
        plan = planned(models, f"around: photo.png\nkeep: {name}.png\nseeds: 0-3")
        assert plan.inputs["keep"] == {"name": f"{name}.png", "file": 1}


def test_a_mask_may_have_an_alpha_channel_through_which_nothing_shows(models: Path) -> None:
    assert planned(models, "around: photo.png\nkeep: opaque.png").inputs["keep"]["name"] == "opaque.png"


def test_a_board_shows_the_designs_and_the_strips(models: Path) -> None:
    plan = planned(models, "seeds: 0-1\nstrips: {attributes: [warmth], steps: 3}\ndeliver: [png, board]")
    assert (plan.deliver, plan.board is not None) == (("png",), True)
    assert plan.board is not None
    assert (plan.board.title, plan.board.subtitle) == ("loft", "rooms · truncation 0.8")
    assert (plan.board.proposals, plan.board.strips[0].frames) == ((0, 1), (2, 3, 4))
    assert (plan.board.strips[0].of, plan.board.strips[0].amounts) == ("seed0000", (-2, 0, 2))
    named = planned(models, "seeds: 0-1\ntitle: House by the sea\ndeliver: [board]")
    assert named.board is not None
    assert named.board.title == "House by the sea"


def test_a_pictures_name_may_have_letters_that_a_board_has_not(models: Path) -> None:
    (models / "厨房.png").write_bytes((models / "photo.png").read_bytes())
    plan = planned(models, "around: 厨房.png\ndeliver: [board]")
    assert plan.board is not None
    assert plan.board.subtitle == "rooms · around ??.png"


def test_the_same_seeds_are_the_same_job_and_other_weights_another(models: Path) -> None:
    one, other = (planned(models, f"seeds: {seeds}").job for seeds in ("0-3", "[3, 0-2]"))
    assert one == other
    assert planned(models, "seeds: 0-3", "other.safetensors").job != one


def test_a_spec_is_stored_as_its_file_says_it(models: Path) -> None:
    text = "seeds: 1\nstrips: {attributes: [warmth], range: 1}\nfilm: {through: [1, a.png]}\ndeliver: [gif]"
    spec, _ = parse(
        f"kind: interiors\nmodel: {models}/rooms.safetensors\noutput: /out/\n{text}", path="i.yaml", folder=models
    )
    stored = canonical(spec)
    assert stored["strips"]["range"] == 1
    assert InteriorsSpec.model_validate(stored) == spec


def test_planning_takes_no_torch(models: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom jobs.config import Settings\nfrom jobs.spec import parse\n"
        "from jobs.submit import plan_job\n"
        "text = 'kind: interiors\\nmodel: rooms.safetensors\\naround: photo.png\\nkeep: mask.png\\noutput: /out/\\n'\n"
        "text += 'attributes: mine.safetensors\\nedit: {calm: 1}\\ndeliver: [png, board]'\n"
        f"spec, located = parse(text, path='i', folder=Path({str(models)!r}))\n"
        "plan_job(spec, located, Settings())\nsys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# What is wrong

KNOWN = "known are warmth, window, sofa"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            "i.yaml: there is nothing to design; write seeds: 0-11, around: my.png, or film: {through: [a.png, b.png]}",
        ),
        ("film: true\ndeliver: [gif]", "i.yaml: there is nothing to design; write seeds: 0-11, around"),
        ("seeds: 3-1", "i.yaml:4: seeds: 3-1 ends before it begins; write 1-3"),
        ("breed: [a.png, b.png]", "i.yaml: 'seeds' is missing: one design each, as 0-11"),
        ("seeds: 1\nedit: {warmt: 1}", f"i.yaml:5: edit: unknown attribute 'warmt'; did you mean 'warmth'? {KNOWN}"),
        ("seeds: 1\nedit: {zzz: 1}", f"i.yaml:5: edit: unknown attribute 'zzz'; {KNOWN}"),
        ("seeds: 1\nedit: {warden: 1}", f"i.yaml:5: edit: unknown attribute 'warden'; {KNOWN}"),
        ("seeds: 1\nedit: {warmth: .nan}", "i.yaml:5: edit: warmth: nan is out of range; it is -5 to 5 standard dev"),
        ("seeds: 1\nedit: {warmth: 5.1}", "i.yaml:5: edit: warmth: 5.1 is out of range"),
        ("seeds: 1\nedit: {warmth: true}", "i.yaml:5: edit: 'warmth': True is no move; write attributes and how far"),
        ("seeds: 1\nedit: warmth", "i.yaml:5: edit: write attributes and how far: {warmth: 1.5, window: -1}"),
        (
            "around: photo.png\nkeep: square.png",
            "i.yaml:5: square.png: is 64x64 px, and photo.png is 150x100; a mask has the shape of its picture",
        ),
        ("around: photo.png\nkeep: black.png", "i.yaml:5: black.png: keeps nothing, for nothing in its middle square"),
        ("around: photo.png\nkeep: white.png", "i.yaml:5: white.png: keeps everything, for nothing in its middle"),
        (
            "around: photo.png\nkeep: layer.png",
            "i.yaml:5: layer.png: is transparent in places, which is neither white nor black; fill with black what var",
        ),
        ("around: photo.png\nkeep: gone.png", "i.yaml:5: gone.png: no such file"),
        ("seeds: 1\nkeep: mask.png", "i.yaml:5: keep: is a mask over the picture `around`, and there is none"),
        ("around: gone.png", "i.yaml:4: gone.png: no such file"),
        ("around: half.png", "i.yaml:4: half.png: the picture is damaged, cut off or of a rare kind"),
        ("around: tiny.png", "i.yaml:4: tiny.png: is 15x40 px; nothing can be seen in less than 16 px"),
        ("around: rooms.safetensors", "i.yaml:4: rooms.safetensors: is no picture that we can read"),
        ("around: foreign.png", "i.yaml:4: foreign.png: its latent is of other ("),
        (
            "around: page.png",
            "i.yaml:4: page.png: is a page that shows several pictures; give one of the designs on it",
        ),
        ("seeds: 1\nbreed: [a.png, page.png]", "i.yaml:5: page.png: is a page that shows several pictures; give one"),
        ("around: wide.png", "i.yaml:4: wide.png: its latent has 9 numbers, not 8; take another copy"),
        ("around: torn.png", "i.yaml:4: torn.png: the picture's latent has another length than it says"),
        ("seeds: 1\nbreed: [a.png]", "i.yaml:5: breed: names 1; give 2 to 16 favourites, or one as `around`"),
        ("seeds: 1\nbreed: a.png", "i.yaml:5: breed: is a list; write breed: [a.png, b.png]"),
        ("seeds: 1\nbreed: [a.png, a.png]", "i.yaml:5: breed: "),
        ("seeds: 1\nbreed: [a.png, foreign.png]", "i.yaml:5: foreign.png: its latent is of other ("),
        ("seeds: 1\naround: a.png\nbreed: [a.png, b.png]", "i.yaml:6: breed: designs are bred from favourites, or var"),
        ("seeds: 1\nvary: 0.3", "i.yaml:5: vary: seeds vary nothing; add the picture that they vary"),
        ("around: a.png\nvary: 0.3", "i.yaml:5: vary: each variation has a seed; add seeds: 0-11"),
        ("seeds: 1\naround: a.png\nvary: 1.1", "i.yaml:6: vary: 1.1 is out of range; it is 0 to 1"),
        ("seeds: 1\naround: a.png\nvary: .nan", "i.yaml:6: vary: nan is out of range"),
        ("seeds: 1\ntruncation: 1.6", "i.yaml:5: truncation: 1.6 is out of range; it is 0 to 1.5"),
        ("seeds: 1\naround: a.png\ntruncation: 1", "i.yaml:6: truncation: is of designs from seeds alone"),
        ("around: a.png\nsettle: 3", "i.yaml:5: settle: is of designs from seeds, and there are none"),
        ("seeds: 1\nsettle: 65", "i.yaml:5: settle: input should be less than or equal to 64"),
        ("seeds: 1\nrefine: 10", "i.yaml:5: refine: there is no photograph to come closer to, and nothing to keep"),
        ("around: a.png\nrefine: 10", "i.yaml:5: refine: there is no photograph"),
        ("around: photo.png\nrefine: -1", "i.yaml:5: refine: "),
        (
            "seeds: 1\nsize: 63",
            "i.yaml:5: size: designs cannot leave at 63 px; their size is 64, the model's own, to 4096 px",
        ),
        ("seeds: 1\nsize: 4097", "i.yaml:5: size: designs cannot leave at 4,097 px"),
        ("seeds: 0-3\nstrips: {of: 9, attributes: [sofa]}", "i.yaml:5: strips: there is no seed 9 in the job, which"),
        ("around: a.png\nstrips: {of: 9, attributes: [sofa]}", "i.yaml:5: strips: there is no seed 9 in the job, whi"),
        ("seeds: 1\nstrips: [sofas]", "i.yaml:5: strips: unknown attribute 'sofas'; did you mean 'sofa'?"),
        ("seeds: 1\nstrips: []", "i.yaml:5: strips: names 0 attributes; 1 to 24 have one each"),
        ("seeds: 1\nstrips: warmth", "i.yaml:5: strips: write the attributes, as [warmth, window]"),
        ("seeds: 1\nstrips: {attributes: [sofa], range: 6}", "i.yaml:5: strips.range: 6 is out of range; it is 0."),
        ("seeds: 1\nstrips: {attributes: [sofa], steps: 1}", "i.yaml:5: strips.steps: input should be greater"),
        ("seeds: 0-10000\nstrips: [sofa]", "i.yaml:5: strips: the job has 10,001 designs, and a job with strips has"),
        ("seeds: 1\ndeliver: [interpolation]", "i.yaml:5: deliver: a film goes from design to design, and the job has"),
        ("seeds: 1\nfilm: true\ndeliver: [gif]", "i.yaml:5: film: a film goes from design to design, and the job has"),
        ("seeds: 0-1\ndeliver: [gif]", "i.yaml:5: deliver: gif shows a film; add `film: true`"),
        (
            "seeds: 0-1\ndeliver: [webp]",
            "i.yaml:5: deliver: webp shows a film; add `film: true`; did you mean 'webp-st",
        ),
        (
            "seeds: 0-1\nfilm: true",
            "i.yaml:5: film: is there, and `deliver` names no movie; write deliver: [png, inter",
        ),
        (
            "seeds: 0-1\nfilm: 3",
            "i.yaml:5: film: write true, or what it is: {through: [0-3, favourite.png], seconds: 2}",
        ),
        ("seeds: 0-1\nfilm: {through: 0,1}", "i.yaml:5: film: within braces a comma ends a value; write through: [0"),
        ("seeds: 0-1\nfilm: {through: [0, 7]}\ndeliver: [gif]", "i.yaml:5: film: there is no seed 7 in the job, whic"),
        ("seeds: 0-1\nfilm: {through: [0, gone.png]}\ndeliver: [gif]", "i.yaml:5: gone.png: no such file"),
        ("seeds: 0-1\nfilm: {through: []}\ndeliver: [gif]", "i.yaml:5: through: names none"),
        ("seeds: 0-1\nfilm: {through: [0]}\ndeliver: [gif]", "i.yaml:5: film: goes through 1; it has 2 to 4,096 des"),
        ("seeds: 0-1\nfilm: {seconds: 0.001}\ndeliver: [gif]", "i.yaml:5: film: 0.001 s have less than two frames"),
        ("seeds: 0-1\nfilm: {size: 32}\ndeliver: [gif]", "i.yaml:5: film.size: designs cannot leave at 32 px"),
        (
            "seeds: 0-1\naround: photo.png\nkeep: mask.png\nfilm: {through: [0, a.png]}\ndeliver: [gif]",
            "i.yaml:7: film: a.png is no design of the job, and `keep` is there; it goes through the job's designs",
        ),
        ("seeds: 0-19999\nfilm: {seconds: 9}\ndeliver: [gif]", "i.yaml:5: film: goes through 20,000; it has 2"),
        ("seeds: 1\nattributes: theirs.safetensors", "i.yaml:5: theirs.safetensors: is for the model "),
        ("seeds: 1\nattributes: narrow.safetensors", "i.yaml:5: narrow.safetensors: its directions have 7 numbers, a"),
        ("seeds: 1\nattributes: broken.safetensors", "i.yaml:5: broken.safetensors: directions holds values that are"),
        ("seeds: 1\nattributes: known.safetensors", "i.yaml:5: known.safetensors: names 'warmth', which the model ha"),
        ("seeds: 1\nattributes: faces.safetensors", "i.yaml:5: faces.safetensors: holds stylegan2 and no attributes"),
        ("seeds: 1\nattributes: gone.safetensors", "i.yaml:5: gone.safetensors: no such"),
        ("seeds: 1\ntitle: Loft", "i.yaml:5: title: is the board's, and `deliver` names none"),
        ("seeds: 1\ntitle: 家\ndeliver: [board]", "i.yaml:5: title: a board has no letter '家'"),
        ("seeds: 1\ntitle: ''\ndeliver: [board]", "i.yaml:5: title: is one line of text, 1 to 120 letters"),
        ("seeds: 0-240\ndeliver: [board]", "i.yaml:5: board: shows 1 to 240 designs, not 241"),
        ("seeds: 1\ndeliver: []", "i.yaml:5: deliver: is empty"),
        (
            "seeds: 1\ndeliver: [mp4]",
            "i.yaml:5: deliver: 'mp4' is not one of board, interpolation, contact-sheet, h264",
        ),
        (
            "seeds: 1\ndeliver: [jpg]",
            "i.yaml:5: deliver: 'jpg' is not one of board, interpolation, contact-sheet, h264, h264-mkv, hevc, av1, "
            "prores, prores-4444, gif, webp, apng, png, png16, tiff, jpeg, webp-still, pdf; did you mean 'jpeg'?",
        ),
        ("seeds: 1\nsede: 1", "i.yaml:5: unknown key 'sede'; did you mean 'seeds'?"),
        ("seeds: 1\nsize: true", "i.yaml:5: size: is true, as YAML reads it; write a number"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(models: Path, text: str, said: str) -> None:
    found = told(models, text)
    assert found.startswith(said)
    assert "\n" not in found


def test_a_designer_is_a_file_or_a_known_name(models: Path) -> None:
    assert (
        told(models, "seeds: 1", "gone.safetensors") == "i.yaml:2: gone.safetensors: no such designer; check the path"
    )
    assert told(models, "seeds: 1", "room").startswith("i.yaml:2: model: unknown designer 'room'; ")
    assert "holds no designer; give a .safetensors file" in told(models, "seeds: 1", "ffhq.pkl")
    assert "paints pictures and makes none" in told(models, "seeds: 1", "great-wave")
    assert "enlarges pictures and makes none; give a designer" in told(models, "seeds: 1", "upscaler")
    for generator in ("portraits", "faces.safetensors"):
        said = "makes pictures and cannot tell what one is made of; write kind: portraits with it as `model`"
        assert said in told(models, "seeds: 1", generator)


@pytest.mark.parametrize("key", ["style", "model"])
def test_a_designer_is_neither_style_nor_generator(models: Path, key: str) -> None:
    text = {"style": f"kind: film\nsource: {models}", "model": "kind: portraits\nseeds: 1"}[key]

    def plan() -> Plan:
        spec, located = parse(f"{text}\n{key}: rooms.safetensors\noutput: out/", path="i.yaml", folder=models)
        return plan_job(spec, located, Settings())

    with pytest.raises(JobSpecProblems, match="is a designer, whose pictures are its own; write kind: interiors with"):
        plan()


def test_a_file_that_is_no_whole_designer_is_refused(models: Path, tmp_path: Path) -> None:
    whole = (models / "rooms.safetensors").read_bytes()
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(whole[:-50])
    assert "is no whole safetensors file" in told(models, "seeds: 1", str(bad))
    bad.write_bytes(save({"a": np.ones(1, np.float32)}, {"architecture": "atelier-vae-1", "config": "{}"}))
    assert "its metadata describes no network of ours" in told(models, "seeds: 1", str(bad))
