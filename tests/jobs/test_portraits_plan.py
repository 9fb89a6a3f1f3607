"""Portraits job files: what they plan, and every sentence about what is wrong with one."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from jobs.config import Settings
from jobs.control import redo
from jobs.explain import explain_frame
from jobs.kinds.base import JobSpec
from jobs.kinds.portraits import PortraitsSpec
from jobs.ranges import frame_numbers
from jobs.records import Plan
from jobs.spec import JobSpecProblems, Located, canonical, parse
from jobs.submit import plan_job, submit
from jobs.truth import Truth
from pipeline.errors import InputError
from pipeline.storage import open_store
from tests.jobs.deployment import Deployment
from tests.models.official_pickles import official_bytes
from tests.portraits.making import described, generator, write_generator, write_pickle
from tests.servers import S3Server
from tests.web import serving


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small generators."""
    folder = tmp_path_factory.mktemp("models")
    for kind in ("stylegan2", "conditional", "stylegan3"):
        write_generator(folder / f"{kind}.safetensors", kind)
    write_generator(folder / "deeper.safetensors", "deeper")
    np.savez(folder / "anna.npz", w=np.zeros((3, 8)))
    np.savez(folder / "many.npz", z=np.zeros((2, 8)))
    np.savez(folder / "wide.npz", w=np.zeros((3, 9)))
    np.save(folder / "smile.npy", np.ones(8))
    np.save(folder / "wide.npy", np.ones(9))
    write_pickle(folder / "official.pkl")
    write_pickle(folder / "official3.pkl", "stylegan3")
    return folder


def planned(models: Path, text: str, model: str = "stylegan2.safetensors") -> Plan:
    """The plan of a job file with that model, in the folder of the models."""
    spec, located = parse(f"kind: portraits\nmodel: {model}\noutput: out/\n{text}", path="p.yaml", folder=models)
    return plan_job(spec, located, Settings())


def told(models: Path, text: str, model: str = "stylegan2.safetensors") -> str:
    """What is said of a wrong one."""
    with pytest.raises(JobSpecProblems) as problems:
        planned(models, text, model)
    return str(problems.value).replace(f"{models}/", "")


# What is planned


def test_frames_are_seeds_in_rising_order_each_once(models: Path) -> None:
    plan = planned(models, "seeds: 100,0-3,2-5\nchunk: 4")
    assert (plan.frames, plan.chunks, plan.numbers) == (7, ((0, 4), (4, 7)), ((0, 0), (6, 100)))
    assert [plan.frame_name(frame) for frame in (0, 5, 6)] == ["seed0000", "seed0005", "seed0100"]
    assert [plan.number(frame) for frame in range(7)] == [0, 1, 2, 3, 4, 5, 100]
    assert [plan.frame_of(number) for number in (0, 5, 6, 99, 100, 101)] == [0, 5, None, None, 6, None]


@pytest.mark.parametrize("seeds", ["7", "[7]", "'7'", '["7"]'])
def test_one_seed_may_be_written_in_any_way(models: Path, seeds: str) -> None:
    plan = planned(models, f"seeds: {seeds}")
    assert (plan.frames, plan.first, plan.frame_name(0)) == (1, 7, "seed0007")


def test_the_same_seeds_are_the_same_job(models: Path) -> None:
    one, other = (planned(models, f"seeds: {seeds}").job for seeds in ("0-3,100", "[100, 2-3, 0, 1]"))
    assert one == other


def test_a_spec_is_stored_as_its_file_says_it(models: Path) -> None:
    text = f"kind: portraits\nmodel: {models}/conditional.safetensors\noutput: /out/\nseeds: 1\nclass: 2"
    spec, _ = parse(text, path="p.yaml", folder=models)
    stored = canonical(spec)
    assert stored["class"] == 2
    assert PortraitsSpec.model_validate(stored) == spec


def test_an_official_pickle_is_planned_as_ours_is(models: Path) -> None:
    ours, theirs = planned(models, "seeds: 0-9"), planned(models, "seeds: 0-9", "official.pkl")
    assert theirs.models[0].entry == "pipeline.models.stylegan.files:load_official"
    assert ours.inputs | {"model": ""} == theirs.inputs | {"model": ""}
    assert planned(models, "seeds: 1\nrotate: 30", "official3.pkl").inputs["rotate"] == 30


def test_a_million_seeds_are_planned_at_once_and_named_by_nobody(models: Path) -> None:
    planned(models, "seeds: 0")
    begun = time.perf_counter()
    plan = planned(models, "seeds: 0-999999\nchunk: 1000")
    took = time.perf_counter() - begun
    assert took < 2
    assert plan.frames == 1_000_000
    assert len(plan.model_dump_json()) < 25_000
    assert plan.frame_name(999_999) == "seed999999"


def test_mixed_styles_are_named_by_row_and_column(models: Path) -> None:
    plan = planned(models, "mix: {rows: 85, columns: 55-56, layers: 0-2}")
    assert plan.names == ("55-55", "56-56", "85-85", "85-55", "85-56")
    assert plan.inputs["mix"] == {"rows": [85], "columns": [55, 56], "layers": [0, 1, 2]}


def test_a_contact_sheet_alone_may_be_asked_for(models: Path) -> None:
    assert planned(models, "seeds: 1\ndeliver: [contact-sheet]").deliver == ()
    assert planned(models, "seeds: 1\ndeliver: [png16, contact-sheet]").deep


def test_a_walk_comes_after_the_pictures_and_shares_no_chunk_with_them(models: Path) -> None:
    plan = planned(models, "seeds: 0-3,9\nwalk: {through: [85, 7, 85], seconds: 0.5}\ndeliver: [png, h264]\nchunk: 4")
    assert (plan.frames, plan.film_begins, plan.rate) == (17, 5, "24")
    assert plan.chunks == ((0, 4), (4, 5), (5, 9), (9, 13), (13, 17))
    assert (list(plan.pictured), plan.filmed) == ([0, 1, 2, 3, 4], range(5, 17))
    assert plan.extent == "seeds 0-3,9 and frames 10-21 of film"
    assert (plan.noun(4), plan.noun(5), plan.number(5), plan.frame_of(21)) == ("seed", "frame", 10, 16)
    assert plan.inputs["walk"]["seeds"] == [85, 7, 85]


def test_a_walk_alone_is_a_film_whose_frames_may_be_pictures(models: Path) -> None:
    plan = planned(models, "walk: {through: 0-1, frames: 8, fps: 23.976}\ndeliver: [png]")
    assert (plan.frames, plan.film_begins, list(plan.pictured)) == (8, 0, list(range(8)))
    assert (plan.frame_name(0), plan.rate, plan.extent) == ("stylegan2.0001", "24000/1001", "frames 1-8")


def test_a_walk_leads_through_the_jobs_seeds_and_takes_two_seconds_for_each(models: Path) -> None:
    loop = planned(models, "seeds: 3-5\nwalk: true\ndeliver: [gif]").inputs["walk"]
    assert (loop["seeds"], loop["frames"], loop["space"], loop["way"]) == ([3, 4, 5], 144, "w", "cubic")
    there = planned(models, "seeds: 3-5\nwalk: {loop: false, way: slerp}\ndeliver: [gif]").inputs["walk"]
    assert (there["frames"], there["space"]) == (96, "z")


def test_latents_and_directions_are_pinned_by_digest(models: Path) -> None:
    text = "latents: anna.npz\nedit: [{direction: smile.npy, strength: 2}, {direction: sefa:7, layers: 0-1}]"
    plan = planned(models, text)
    assert [file.name for file in plan.files] == ["anna.npz", "smile.npy"]
    assert (plan.frames, plan.inputs["latents"], plan.frame_name(0)) == (3, 0, "stylegan2.0001")
    assert [(edit["file"], edit["sefa"], edit["layers"]) for edit in plan.inputs["edits"]] == [
        (1, None, None),
        (None, 7, [0, 1]),
    ]
    walk = planned(models, "latents: anna.npz\nwalk: true\ndeliver: [gif]").inputs["walk"]
    assert (walk["file"], walk["space"], walk["frames"]) == (0, "w", 144)
    assert planned(models, "walk: {through: many.npz}\ndeliver: [gif]").inputs["walk"]["space"] == "z"
    assert planned(models, "seeds: 1\nedit: {direction: smile.npy}").job != planned(models, "seeds: 1").job


# What people say and are told: seeds


def test_frames_are_asked_for_by_seed(models: Path) -> None:
    plan = planned(models, "seeds: 0-3,100,200-210")
    assert frame_numbers("100,201-203", plan) == [100, 201, 202, 203]
    for text in ("4", "3-100", "99-100", "4294967295", "211"):
        with pytest.raises(InputError, match=r"leaves portraits-\w+, which has seeds 0-3,100,200-210"):
            frame_numbers(text, plan)


def test_many_rows_of_seeds_are_told_in_short(models: Path) -> None:
    plan = planned(models, "seeds: 0,2,4,6,8,10,12,14-20")
    assert plan.span() == "0,2,4,6,8,…,14-20"
    assert (plan.span(1, 3), plan.span(7, 9)) == ("2,4", "14-15")


def test_redo_and_explain_speak_of_seeds(models: Path, truth: Truth) -> None:
    plan = planned(models, "seeds: 0-3,100\nchunk: 2")
    truth.accept(plan, {})
    explained = explain_frame(plan.job, 100, truth, None)
    assert explained.title == f"{plan.job}, seed 100"
    assert explained.sentences[0] == "Seed 100 is in chunk 2, which holds seeds 100."
    with pytest.raises(InputError, match="has seeds 0-3,100; 5 is not among them"):
        explain_frame(plan.job, 5, truth, None)
    truth.put_ending(plan.job, 1, state="failed", reason="test")
    truth.retire(plan.job, 1)
    with pytest.raises(InputError, match="has seeds 0-3,100; 4 is not among them"):
        redo(plan.job, [3, 4], truth)
    assert redo(plan.job, [100], truth).reason == "redo of seeds 100-100 (1)"


# What is wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p.yaml: 'seeds' is missing: one picture each, as 0-63,100"),
        ("seeds: 63-0", "p.yaml:4: seeds: 63-0 ends before it begins; write 0-63"),
        ("seeds: -5", "p.yaml:4: seeds: -5 is below 0; they are 0 to 4,294,967,295"),
        ("seeds: 4294967296", "p.yaml:4: seeds: 4294967296 is too large; they are 0 to 4,294,967,295"),
        ("seeds: 1-x", "p.yaml:4: seeds: '1-x' is no number and no range; write seeds: 0-63,100"),
        ("seeds: []", "p.yaml:4: seeds: names none; write some, as in 0-63,100"),
        ("seeds: 1.5", "p.yaml:4: seeds: 1.5 is no number; write seeds: 0-63,100"),
        (
            "seeds: 0-4294967295",
            "p.yaml:4: seeds: the job has 4,294,967,296 pictures; at most 2,000,000 are allowed (ATELIER_MAX_FRAMES)",
        ),
        (
            "seeds: 1\ntruncation: 3",
            "p.yaml:5: truncation: 3 is out of range; psi is -2 to 2: 1 leaves portraits as they come, 0 makes them "
            "all the mean, less their opposites",
        ),
        ("seeds: 1\ntruncation: .nan", "p.yaml:5: truncation: nan is out of range"),
        ("seeds: 1\ntruncation_cutoff: 7", "p.yaml:5: truncation_cutoff: 7 is too many; the model has 6 layers"),
        ("seeds: 1\nclass: 0", "p.yaml:5: class: the model knows no classes; leave it out"),
        ("seeds: 1\nclass: true", "p.yaml:5: class: is true, as YAML reads it; write a number"),
        ("seeds: 1\ntranslate: [0.1, 0]", "p.yaml:5: translate: only StyleGAN3 moves its pictures"),
        ("seeds: 1\nrotate: 30", "p.yaml:5: rotate: only StyleGAN3 moves its pictures"),
        ("seeds: 1\nrotate: .inf", "p.yaml:5: rotate: is in degrees, as in 30"),
        ("seeds: 1\ntranslate: [99, 0]", "p.yaml:5: translate: is right and down in widths of the picture, -10 to 10"),
        ("seeds: 1\nnoise: loud", "p.yaml:5: noise: 'loud' is not one of const, random, none"),
        (
            "seeds: 1\ndeliver: [webp]",
            "p.yaml:5: deliver: webp shows a walk; add `walk: {through: 0-7}`; did you mean 'webp-still'?",
        ),
        ("seeds: 1\ndeliver: [h264]", "p.yaml:5: deliver: h264 shows a walk; add `walk: {through: 0-7}`"),
        ("seeds: 1\ndeliver: [mp4]", "p.yaml:5: deliver: 'mp4' is not one of "),
        ("seeds: 1\ndeliver: []", "p.yaml:5: deliver: is empty"),
        ("seeds: 1\nstyle: great-wave", "p.yaml:5: unknown key 'style'"),
        ("seeds: 1\nclas: 1", "p.yaml:5: unknown key 'clas'; did you mean 'class'?"),
        ("seeds: 1\nmix: {rows: 1, columns: 2}", "p.yaml:5: mix: has seeds of its own, as rows and columns; leave"),
        ("mix: {rows: 1, columns: 2, layers: 4-6}", "p.yaml:4: mix: there is no layer 6; the model has 6, 0 to 5"),
        ("mix: {rows: 1, columns: 2, layers: 128}", "p.yaml:4: layers: 128 is too large; they are 0 to 127"),
        ("mix: {rows: 1}", "p.yaml:4: 'columns' is missing"),
        ("mix: 5", "p.yaml:4: mix: is a grid; write {rows: [85, 100], columns: 55-60}"),
        ("seeds: 1\ntranslate: []", "p.yaml:5: translate: is right and down in widths of the picture"),
        ("seeds: 1\ntranslate: [0.1, .nan]", "p.yaml:5: translate: is right and down in widths of the picture"),
        ("seeds: 1\nedit: [1]", "p.yaml:5: edit: 1 is no move; write {direction: sefa:0, strength: 3}"),
        (
            "walk: {through: 0-3, frames: 1000000000000}",
            "p.yaml:4: walk: the job has 1,000,000,000,000 pictures",
        ),
        ("latents: s3://x/y.npz", "p.yaml:4: "),
        ("seeds: 1-3\nwalk: true", "p.yaml:5: walk: is a film, and `deliver` names none; write deliver: [png, h264]"),
        ("walk: 3", "p.yaml:4: walk: write true, or what it is: {through: 0-7, seconds: 8}"),
        ("walk: true", "p.yaml:4: walk: leads through nothing; write walk: {through: 0-7}"),
        ("walk: {through: 0,1}", "p.yaml:4: walk: within braces a comma ends a value; write through: [85, 100]"),
        ("walk: {through: 5}", "p.yaml:4: walk: leads through 1; a walk has 2 to 4,096 keyframes, as in through: 0-7"),
        ("walk: {through: 0-9999999}", "p.yaml:4: walk: leads through 10,000,000; a walk has 2 to 4,096 keyframes"),
        ("walk: {through: 0-3, seconds: 0.01}", "p.yaml:4: walk: 0.01 s have less than two frames; make it longer"),
        ("walk: {through: 0-3, seconds: 1, frames: 9}", "p.yaml:4: walk: give seconds or frames, not both"),
        ("walk: {through: 0-3, way: slerp, space: w}", "p.yaml:4: walk: slerp is for z, whose length means nothing"),
        ("walk: {through: anna.npz, space: z}", "p.yaml:4: walk: the latents of anna.npz are of w; leave `space` out"),
        (
            "walk: {through: anna.npz, way: slerp}",
            "p.yaml:4: walk: the latents of anna.npz are of w; write way",
        ),
        ("walk: {through: gone.npz}", "p.yaml:4: gone.npz: no such latents; give a .npz file with `w`"),
        ("walk: {through: 0-3, fps: 0}", "p.yaml:4: fps: 0 is out of range"),
        ("walk: {through: 0-3, lop: 1}", "p.yaml:4: unknown key 'lop'; did you mean 'loop'?"),
        ("walk: {through: 0-3}\ndeliver: [hevc]", "p.yaml:5: deliver: hevc is at least 64 px wide, not 16"),
        ("seeds: 1\nlatents: anna.npz", "p.yaml:5: latents: stand in the place of seeds; leave one of them out"),
        ("latents: anna.txt", "p.yaml:4: latents: 'anna.txt' is no .npz file"),
        ("latents: wide.npz", "p.yaml:4: wide.npz: w is (3, 9), and this generator takes (N, 6, 8), or (N, 8)"),
        ("seeds: 1\nedit: smile", "p.yaml:5: edit: write a direction and how far: {direction: sefa:0, strength: 3}"),
        ("seeds: 1\nedit: {direction: age}", "p.yaml:5: direction: 'age' is none; write sefa:0, sefa:1"),
        ("seeds: 1\nedit: {direction: sefa:8}", "p.yaml:5: edit: there is no sefa:8; the model has sefa:0 to sefa:7"),
        ("seeds: 1\nedit: {direction: sefa:0, layers: 6}", "p.yaml:5: edit: there is no layer 6; the model has 6"),
        ("seeds: 1\nedit: {direction: wide.npy}", "p.yaml:5: wide.npy: is (9,), and this generator's directions are"),
        ("seeds: 1\nedit: {direction: sefa:0, strength: .nan}", "p.yaml:5: strength: nan is out of range"),
        ("mix: {rows: 85,100, columns: 1}", "p.yaml:4: mix: within braces a comma ends a value; write rows: [85, 100]"),
        ("mix: {rows: 0-99, columns: 0-99}", "p.yaml:4: mix: is a grid of 10,201 pictures; at most 10,000"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(models: Path, text: str, said: str) -> None:
    assert told(models, text).startswith(said)
    assert "\n" not in told(models, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p.yaml:2: 'class' is missing: the model knows 3; write class: 0 to 2"),
        ("class: 3", "p.yaml:5: class: there is no 3; the model knows 0 to 2"),
    ],
)
def test_a_conditional_model_is_told_which_class(models: Path, text: str, said: str) -> None:
    assert told(models, f"seeds: 1\n{text}", "conditional.safetensors") == said
    assert planned(models, "seeds: 1\nclass: 2", "conditional.safetensors").inputs["label"] == 2


def test_a_stylegan3_has_no_noise(models: Path) -> None:
    said = "p.yaml:5: noise: StyleGAN3 has none, and this is one; leave it out"
    assert told(models, "seeds: 1\nnoise: const", "stylegan3.safetensors") == said


def test_a_generator_is_a_file_or_a_known_name(models: Path) -> None:
    assert told(models, "seeds: 1", "gone.pkl") == "p.yaml:2: gone.pkl: no such generator; check the path"
    said = "known are portraits; or give a path to a .safetensors or .pkl file"
    assert told(models, "seeds: 1", "ffhq") == f"p.yaml:2: model: unknown generator 'ffhq'; {said}"
    assert "paints pictures and makes none" in told(models, "seeds: 1", "great-wave")
    assert "holds no generator; give a .safetensors or .pkl file" in told(models, "seeds: 1", "style.pth")


@pytest.mark.parametrize("model", ["official.pkl", "stylegan2.safetensors"])
def test_a_generator_is_no_style(models: Path, model: str) -> None:
    text = f"kind: film\nsource: {models}\nstyle: {model}\noutput: out/"
    with pytest.raises(
        JobSpecProblems, match="is a generator, which makes pictures and paints none; write kind: portr"
    ):
        parse(text, path="p.yaml", folder=models)


# Checkpoints that are none


def cut_off() -> bytes:
    """Half a checkpoint."""
    return official_bytes({"G_ema": described(generator("stylegan2"))})[:-500]


def foreign() -> bytes:
    """One that would run a program."""
    return b"\x80\x04cos\nsystem\n\x8c\x04true\x85R."


def of_tensorflow() -> bytes:
    """The beginning of StyleGAN's TensorFlow files."""
    return b"\x80\x03cdnnlib.tflib.network\nNetwork\n."


def only_a_discriminator() -> bytes:
    """What training leaves beside its generator."""
    return official_bytes({"D": ("Discriminator", {}, {"b4.conv.weight": torch.ones(1, 1, 3, 3)})})


def not_finite() -> bytes:
    """A training that failed."""
    broken = torch.full((8, 8), float("nan"))
    return official_bytes({"G_ema": described(generator("stylegan2"), **{"mapping.fc0.weight": broken})})


BAD = {
    cut_off: "breaks off after",
    foreign: "names os.system, as no official StyleGAN checkpoint does; nothing in it was executed",
    of_tensorflow: "is a checkpoint of StyleGAN's TensorFlow version",
    only_a_discriminator: "holds D and no generator G_ema",
    not_finite: "mapping.fc0.weight of G_ema holds values that are not finite",
    lambda: pickle.dumps({"a": 1}): "holds no networks by name",
    lambda: b"": "is empty",
}


@pytest.mark.parametrize(("make", "said"), BAD.items(), ids=range(len(BAD)))
def test_a_pickle_that_is_no_generator_is_refused_in_one_sentence(
    models: Path, tmp_path: Path, make: object, said: str
) -> None:
    assert callable(make)
    (tmp_path / "bad.pkl").write_bytes(make())
    found = told(models, "seeds: 1", str(tmp_path / "bad.pkl"))
    assert found.startswith(f"p.yaml:2: {tmp_path}/bad.pkl: ")
    assert said in found
    assert "\n" not in found


def test_a_safetensors_file_that_is_no_generator_is_refused(models: Path, tmp_path: Path) -> None:
    import numpy as np

    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(save({"a": np.ones(1, np.float32)}, {"architecture": "stylegan2", "config": "{}"}))
    assert "its metadata does not describe a generator" in told(models, "seeds: 1", str(bad))
    made = generator("stylegan2")
    config = made.config.to_json()
    bad.write_bytes(save({"a": np.array([np.inf], np.float32)}, {"architecture": "stylegan2", "config": config}))
    assert "a holds values that are not finite" in told(models, "seeds: 1", str(bad))


def test_planning_takes_no_torch(models: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys\nfrom pathlib import Path\nfrom jobs.config import Settings\nfrom jobs.spec import parse\n"
        "from jobs.submit import plan_job\n"
        "spec, located = parse('kind: portraits\\nmodel: official.pkl\\nseeds: 1\\noutput: /out/', path='p', "
        f"folder=Path({str(models)!r}))\n"
        "plan_job(spec, located, Settings())\nsys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("address", ["s3://user:pa55@host/x.pkl", "ftp://user:pa55@host/x.pkl"])
def test_credentials_in_an_address_are_refused_and_not_repeated(models: Path, address: str) -> None:
    found = told(models, "seeds: 1", address)
    assert "can be no bucket" in found or "no store has the scheme" in found
    assert "pa55" not in found


def test_a_generator_of_the_web_is_looked_at_there_and_copied_into_the_store(
    deployment: Deployment, models: Path
) -> None:
    with serving(models) as address:
        text = f"kind: portraits\nmodel: {address}/official.pkl\nseeds: 0-3\noutput: {models}/out/"
        spec, located = parse(text, path="p.yaml", folder=models)
        plan = plan_job(spec, located, deployment.settings)
        made = submit(spec, plan, deployment.truth, deployment.ledger, deployment.queue, deployment.settings).plan
        assert made.stem == "official"
        assert deployment.truth.store.get(made.models[0].weights) == (models / "official.pkl").read_bytes()
        said = f"p.yaml:2: {address}/gone.pkl: no such file; the server answers 404 File not found"
        assert told(models, "seeds: 1", f"{address}/gone.pkl") == said
        said = f"p.yaml:2: {address}/: names no file; write https://host/path/model.pkl"
        assert told(models, "seeds: 1", f"{address}/") == said
    assert "pa55" not in told(models, "seeds: 1", "https://me:pa55@host/official.pkl")
    said = "p.yaml:2: https://host/official.pkl: has a query, which may be a signature; import it with"
    assert told(models, "seeds: 1", "https://host/official.pkl?sign=a").startswith(said)


def test_a_generator_in_a_bucket_is_looked_at_there_and_copied_into_the_store(
    deployment: Deployment, models: Path, moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto_s3.use(monkeypatch)
    there = open_store(moto_s3.url, moto_s3.options)
    there.put("nets/faces.pkl", (models / "official.pkl").read_bytes())
    config = deployment.settings.model_copy(update={"s3_endpoint": moto_s3.endpoint, "s3_addressing": "path"})

    def parsed(name: str) -> tuple[JobSpec, Located]:
        text = f"kind: portraits\nmodel: {moto_s3.url}/nets/{name}\nseeds: 0-3\noutput: {models}/out/"
        return parse(text, path="p.yaml", folder=models)

    spec, located = parsed("faces.pkl")
    plan = plan_job(spec, located, config)
    assert (plan.style, plan.models[0].weights) == ("faces", f"{moto_s3.url}/nets/faces.pkl")
    submit(spec, plan, deployment.truth, deployment.ledger, deployment.queue, config)
    [model] = deployment.truth.plan(plan.job).models
    assert model.weights == f"models/{model.sha256}.pkl"
    assert deployment.truth.store.get(model.weights) == (models / "official.pkl").read_bytes()
    there.put("nets/half.pkl", (models / "official.pkl").read_bytes()[:-9])
    for name, said in {"half.pkl": "breaks off after", "gone.pkl": "no such file"}.items():
        with pytest.raises(JobSpecProblems, match=f"p.yaml:2: {moto_s3.url}/nets/{name}: {said}"):
            plan_job(*parsed(name), config)


def test_models_are_pinned_by_their_bytes(models: Path, tmp_path: Path) -> None:
    path = write_generator(tmp_path / "same.safetensors")
    before = planned(models, "seeds: 1", str(path)).job
    write_generator(path, seed=1)
    assert planned(models, "seeds: 1", str(path)).job != before
