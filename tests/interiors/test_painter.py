"""The painter of interiors: what decides a design's picture, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from pipeline import provenance
from pipeline.device import generator
from pipeline.images import encode_png
from pipeline.interiors.brief import Attribute, Edit, FilmBrief, InteriorsBrief, Keep, Keyframe, Picture, Strip
from pipeline.interiors.painter import InteriorsPainter
from pipeline.interiors.squares import middle_square, resized
from pipeline.models.upscale import UpscaleNetwork
from pipeline.models.vae.network import Vae
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from pipeline.tensors import to_pixels
from tests.interiors.making import LATENT, SIZE, designer, mask, photograph

Told = dict[int, Mapping[str, str]]

WARMTH, SOFA = Attribute(name="warmth", row=0), Attribute(name="sofa", row=2)


def design(z: np.ndarray) -> bytes:
    """A picture that tells its latent."""
    return provenance.embed(encode_png(np.full((SIZE, SIZE, 3), 90, np.uint8)), provenance.latent_facts(z))


A, B = np.linspace(-1, 1, LATENT, dtype=np.float32), np.linspace(2, -2, LATENT, dtype=np.float32)
DESIGNS = {
    "files": (design(A), design(B)),
    "pictures": (Picture(name="a.png", file=0, is_design=True), Picture(name="b.png", file=1, is_design=True)),
}
PHOTO = {
    "files": (encode_png(photograph(150, 100)), encode_png(mask(150, 100))),
    "pictures": (Picture(name="photo.png", file=0, is_design=False),),
    "around": 0,
    "refine": 12,
}
KEPT = PHOTO | {"keep": Keep(name="mask.png", file=1)}


def painted(
    start: int,
    stop: int,
    *,
    lanes: int = 2,
    told: Told | None = None,
    files: tuple[bytes, ...] = (),
    vae: Vae | None = None,
    pulse: Any = lambda note: None,
    device: str = "cpu",
    **keys: Any,
) -> list[np.ndarray]:
    """The pictures of frames `[start, stop)`: designs of the seeds from 100, of the network's size, unless said."""
    brief: dict[str, Any] = {"model": "rooms", "resolution": SIZE, "size": SIZE, "seeds": ((0, 100),), "designs": 4}
    made = InteriorsBrief(**{**brief, "truncation": 0.8, "vary": 0.4, "refine": 0} | keys)
    easel = Easel(device=torch.device(device), precision=torch.float32, batch=8, lanes=lanes, options=StoreOptions())
    networks = [(vae or designer()), UpscaleNetwork(4, 1).eval().to(device)]
    work = Work(
        start=start,
        stop=stop,
        watch=Stopwatch(),
        model=lambda index, precision=None: networks[index],
        file=files.__getitem__,
        model_digests=("entry abc", "entry def"),
        describe=({} if told is None else told).__setitem__,
        pulse=pulse,
    )
    return list(InteriorsPainter(made.model_dump(mode="json"), easel, deep=False).paint(work))


def picture(z: np.ndarray | torch.Tensor) -> np.ndarray:
    """What the network paints of a latent, (S, S, 3) uint8."""
    with torch.inference_mode():
        return to_pixels(designer().decode(torch.as_tensor(z).reshape(1, LATENT)))[0]


def latents(told: Told) -> list[np.ndarray]:
    """What pictures say that their latents are, in the order of the frames."""
    found = [provenance.latent_of(told[frame]) for frame in sorted(told)]
    return [latent for latent in found if latent is not None]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance of pictures or latents."""
    return float(np.abs(one.astype(float) - other).mean())


# From seeds


def test_a_seeds_design_is_its_normal_numbers_placed_where_pictures_are() -> None:
    vae, normal = designer(), torch.randn(1, LATENT, generator=generator(103))
    [made] = painted(3, 4)
    assert (made == picture(vae.place(0.8 * normal))).all()
    [mean] = painted(3, 4, truncation=0)
    assert (mean == picture(vae.centre)).all()


def test_a_seeds_design_settles_by_being_painted_and_encoded_again() -> None:
    told: Told = {}
    vae = designer()
    [made] = painted(0, 1, settle=2, told=told)
    z = vae.place(0.8 * torch.randn(1, LATENT, generator=generator(100)))
    for _ in range(2):
        z = vae.encode(vae.decode(z).clamp(0, 1)).mean
    assert (made == picture(z)).all()
    assert told[0]["settled"] == "2 rounds"
    assert apart(latents(told)[0], z.numpy()[0]) < 1e-6


@pytest.mark.parametrize("keys", [{}, KEPT, {"settle": 3}], ids=["seeds", "kept", "settled"])
def test_a_designs_picture_does_not_depend_on_what_is_beside_it(keys: dict[str, Any]) -> None:
    among = painted(0, 4, **keys)
    [alone] = painted(3, 4, lanes=1, **keys)
    assert (among[3] == alone).all()
    assert len({made.tobytes() for made in among}) == 4


def test_an_edit_moves_a_design_along_its_attribute_by_deviations() -> None:
    vae, told, before = designer(), Told(), Told()
    painted(0, 1, told=before)
    painted(0, 1, told=told, edits=(Edit(attribute=WARMTH, amount=1.5), Edit(attribute=SOFA, amount=-2)))
    moved = torch.from_numpy(latents(told)[0] - latents(before)[0])
    torch.testing.assert_close(moved, 1.5 * vae.directions[0] - 2 * vae.directions[2])
    assert told[0]["edited"] == "+1.5 warmth, -2 sofa"


def test_an_attribute_of_a_file_moves_as_the_file_says(tmp_path: Any) -> None:
    from tests.interiors.making import write_attributes, write_designer

    model = write_designer(tmp_path / "rooms.safetensors")
    path = write_attributes(tmp_path / "mine.safetensors", model, modelSha256="abc")
    edit = Edit(attribute=Attribute(name="height", row=1, file=0), amount=2)
    told, before = Told(), Told()
    painted(0, 1, told=before)
    painted(0, 1, told=told, edits=(edit,), files=(path.read_bytes(),))
    values = np.linspace(-1, 1, 2 * LATENT, dtype=np.float32)[LATENT:]
    np.testing.assert_allclose(latents(told)[0] - latents(before)[0], 2 * values, atol=1e-5)


# From pictures


def test_a_design_starts_from_its_very_latent_and_varies_as_far_as_it_is_told() -> None:
    told = Told()
    [same] = painted(0, 1, seeds=(), designs=1, around=0, told=told, **DESIGNS)
    assert (latents(told)[0] == A).all()
    assert (same == picture(A)).all()
    distances = []
    for vary in (0.0, 0.2, 0.6, 1.0):
        painted(0, 4, around=0, vary=vary, told=told, **DESIGNS)
        distances.append(np.mean([apart(latent, A) for latent in latents(told)]))
    assert distances == sorted(distances)
    assert distances[0] < 1e-5


def test_a_design_that_varies_wholly_has_nothing_of_its_picture_but_its_length_and_is_not_the_seeds_own() -> None:
    vae = designer()

    def ways(**keys: Any) -> torch.Tensor:
        told: Told = {}
        painted(0, 2, told=told, **keys)
        normal = vae.normal(torch.from_numpy(np.stack(latents(told))))
        return normal / normal.norm(dim=1, keepdim=True)

    one, other = (ways(around=around, vary=1.0, **DESIGNS) for around in (0, 1))
    torch.testing.assert_close(one, other, atol=1e-4, rtol=0)
    # Or seed 7 would vary the design of seed 7 by nothing but itself.
    assert (one - ways(truncation=1.0)).abs().max() > 0.1


def test_more_steps_come_nearer_to_a_photograph() -> None:
    wanted = resized(middle_square(photograph(150, 100)), SIZE)
    one = {"seeds": (), "designs": 1}
    distances = [apart(painted(0, 1, **one, **PHOTO | {"refine": steps})[0], wanted) for steps in (0, 10, 60)]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.9 * distances[0]


def test_a_search_tells_how_it_stands_and_can_be_stopped() -> None:
    class Stop(Exception):
        """Whatever stops work."""

    notes: list[str] = []

    def stop(note: str) -> None:
        notes.append(note)
        raise Stop

    with pytest.raises(Stop):
        painted(0, 1, pulse=stop, **PHOTO)
    assert notes[0] == "photo.png: step 1 of 12"


def test_a_photograph_and_its_variations_say_where_they_come_from() -> None:
    told = Told()
    painted(0, 1, told=told, **PHOTO)
    ours = {name: value for name, value in told[0].items() if name not in ("w", "wShape")}
    start = {"model": "rooms", "modelSha256": "abc", "seed": "100", "around": "photo.png"}
    assert ours == start | {"varied": "0.4", "refined": "12 steps"}


def test_children_lie_between_two_of_their_parents() -> None:
    told = Told()
    keys = {"parents": (0, 1), "vary": 0.0, "told": told, **DESIGNS}
    painted(0, 4, **keys)
    for latent in latents(told):
        assert 0.05 < apart(latent, A) < apart(A, B)
        assert 0.05 < apart(latent, B) < apart(A, B)
    assert len({told[frame]["bred"] for frame in told}) == 4
    shares = [float(part.split()[1]) for part in told[0]["bred"].split(", ")]
    assert sum(shares) == pytest.approx(1, abs=0.011)
    assert min(shares) >= 0.25


# What is kept


def test_what_a_mask_keeps_is_the_photographs_own_to_the_pixel() -> None:
    wanted = resized(middle_square(photograph(150, 100)), 160)
    for made in painted(0, 2, size=160, upscaler="tiny", **KEPT):
        assert (made[:, :79] == wanted[:, :79]).all()
        assert apart(made[:, 90:], wanted[:, 90:]) > 5


def test_keeping_brings_the_network_nearer_to_what_is_kept_and_leaves_the_rest_its_own() -> None:
    wanted, told, free = resized(middle_square(photograph(150, 100)), SIZE), Told(), Told()
    painted(0, 1, told=free, **PHOTO)
    painted(0, 1, told=told, **KEPT | {"refine": 60})
    own, held = picture(latents(free)[0]), picture(latents(told)[0])
    half = SIZE // 2 - 2
    assert apart(held[:, :half], wanted[:, :half]) < apart(own[:, :half], wanted[:, :half])
    assert apart(held[:, half:], own[:, half:]) < apart(wanted[:, half:], own[:, half:])
    assert told[0]["kept"] == "where mask.png is white, as in photo.png"


# Strips, film, size


def strip(of: int, begins: int) -> Strip:
    """From -2 to 2 in warmth."""
    return Strip(attribute=WARMTH, of=of, begins=begins, amounts=(-2.0, 0.0, 2.0))


def test_a_strip_is_its_design_as_an_attribute_grows() -> None:
    told, vae = Told(), designer()
    made = painted(0, 10, told=told, strips=(strip(2, 4), strip(1, 7)))
    assert (made[5] == made[2]).all()
    assert (made[8] == made[1]).all()
    z = latents(told)
    torch.testing.assert_close(torch.from_numpy(z[6] - z[2]), 2 * vae.directions[0])
    assert (told[4]["strip"], told[4]["seed"], "strip" in told[3]) == ("-2 warmth", "102", False)


def film(*keyframes: Keyframe, frames: int, loop: bool = True, size: int = SIZE) -> FilmBrief:
    """A film through these."""
    return FilmBrief(through="them", keyframes=keyframes, frames=frames, loop=loop, size=size)


ALL = tuple(Keyframe(design=frame) for frame in range(4))


@pytest.mark.parametrize("loop", [True, False])
def test_a_film_passes_through_its_designs_and_goes_gently_from_one_to_the_next(loop: bool) -> None:
    told, frames = Told(), 40 if loop else 31
    pictures = painted(0, 4)
    made = painted(4, 4 + frames, told=told, film=film(*ALL, frames=frames, loop=loop), film_begins=4)
    for place, still in enumerate(pictures):
        assert np.abs(made[10 * place].astype(int) - still).max() <= 1
    steps = [apart(one, other) for one, other in zip(latents(told), latents(told)[1:], strict=False)]
    assert steps[0] < 0.3 * max(steps)
    assert steps[9] < 0.3 * max(steps)
    assert (told[4]["film"], told[5]["filmFrame"]) == ("them", "1")
    [alone] = painted(17, 18, film=film(*ALL, frames=frames, loop=loop), film_begins=4)
    assert (alone == made[13]).all()


def test_a_film_goes_through_pictures_and_designs_with_the_jobs_edits() -> None:
    edits = (Edit(attribute=WARMTH, amount=1),)
    told = Told()
    way = film(Keyframe(picture=1), Keyframe(design=2), frames=8, loop=False)
    painted(4, 12, told=told, film=way, film_begins=4, edits=edits, **DESIGNS)
    moved = designer().directions[0].numpy()
    np.testing.assert_allclose(latents(told)[0], B + moved, atol=1e-5)
    assert (painted(2, 3, edits=edits)[0] == painted(11, 12, film=way, film_begins=4, edits=edits, **DESIGNS)[0]).all()


def test_a_film_has_a_size_of_its_own() -> None:
    keys = {"size": 150, "upscaler": "tiny", "film": film(*ALL, frames=4, size=96), "film_begins": 4}
    assert [made.shape for made in painted(3, 5, **keys)] == [(150, 150, 3), (96, 96, 3)]


def test_designs_say_what_enlarged_them() -> None:
    told = Told()
    [made] = painted(0, 1, told=told, size=150, upscaler="upscaler")
    assert made.shape == (150, 150, 3)
    assert (told[0]["upscaler"], told[0]["enlarged"]) == ("upscaler", "64 to 150 px")
    assert told[0]["upscalerSha256"] == "def"
    assert apart(resized(made, SIZE), painted(0, 1)[0]) < 10


@pytest.mark.gpu
@pytest.mark.parametrize("keys", [{}, KEPT], ids=["seeds", "kept"])
def test_on_a_gpu_a_design_does_not_depend_on_what_is_beside_it(keys: dict[str, Any]) -> None:
    import copy

    vae = copy.deepcopy(designer()).cuda()
    torch.use_deterministic_algorithms(True, warn_only=True)
    among = painted(0, 4, vae=vae, device="cuda", lanes=1, **keys)
    [alone] = painted(3, 4, vae=vae, device="cuda", lanes=1, **keys)
    torch.use_deterministic_algorithms(False)
    assert (among[3] == alone).all()
