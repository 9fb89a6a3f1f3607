"""The painter of portraits: what decides a picture, and what does not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import torch

from pipeline import provenance
from pipeline.models.stylegan.generator import Generator, to_pixels
from pipeline.painter import Easel, Work
from pipeline.portraits.brief import EditBrief, Mix, PortraitBrief, WalkBrief
from pipeline.portraits.latents import packed, z_of
from pipeline.portraits.painter import PortraitPainter
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from tests.portraits.making import generator

Told = dict[int, Mapping[str, str]]


def painted(
    network: Generator,
    start: int,
    stop: int,
    *,
    batch: int = 1,
    deep: bool = False,
    told: Told | None = None,
    device: str = "cpu",
    files: tuple[bytes, ...] = (),
    **keys: Any,
) -> list[np.ndarray]:
    """The pictures of frames `[start, stop)`, of seeds from 100 unless said otherwise."""
    brief = PortraitBrief(**{"model": "small", "resolution": 16, "seeds": ((0, 100),), "truncation": 0.7} | keys)
    easel = Easel(
        device=torch.device(device),
        precision=torch.float32,
        batch=batch,
        lanes=2 if device == "cpu" else 1,
        options=StoreOptions(),
    )
    painter = PortraitPainter(brief.model_dump(mode="json"), easel, deep=deep)
    described = {} if told is None else told
    work = Work(
        start=start,
        stop=stop,
        watch=Stopwatch(),
        model=lambda index, precision=None: network,
        file=files.__getitem__,
        model_digests=("entry abc",),
        describe=described.__setitem__,
    )
    return list(painter.paint(work))


@pytest.mark.parametrize("noise", ["const", "random", "none"])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_seeds_picture_does_not_depend_on_what_is_beside_it(noise: str, batch: int) -> None:
    network = generator("stylegan2")
    among = painted(network, 0, 8, batch=batch, noise=noise)
    [alone] = painted(network, 7, 8, noise=noise)
    assert (among[7] == alone).all()


def test_the_three_kinds_of_noise_differ_and_random_noise_is_the_seeds_own() -> None:
    network = generator("stylegan2")
    made = [painted(network, 0, 1, noise=noise)[0] for noise in ("const", "random", "none")]
    assert len({picture.tobytes() for picture in made}) == 3
    assert (painted(network, 0, 1, noise="random")[0] == made[1]).all()


@torch.inference_mode()
def test_pictures_are_those_of_the_official_tools_numbers() -> None:
    network = generator("stylegan2")
    z = torch.from_numpy(np.random.RandomState(103).randn(1, 8))
    made = to_pixels(network.picture(network.styles(z, psi=0.7)))[0]
    assert (painted(network, 3, 4)[0] == made.numpy()).all()


def test_truncation_to_nothing_is_one_picture_and_a_cutoff_keeps_the_last_layers() -> None:
    network = generator("stylegan2")
    same = painted(network, 0, 2, truncation=0)
    kept = painted(network, 0, 2, truncation=0, cutoff=2)
    assert (same[0] == same[1]).all()
    assert (kept[0] != kept[1]).any()


def test_classes_differ() -> None:
    network = generator("conditional")
    one, other = (painted(network, 0, 1, label=label)[0] for label in (0, 2))
    assert (one != other).any()


def test_a_stylegan3_is_moved_and_turned_as_by_the_official_tool() -> None:
    network = generator("stylegan3")
    cosine, sine = math.cos(math.radians(30)), math.sin(math.radians(30))
    moved = torch.tensor([[cosine, sine, 0.1], [-sine, cosine, -0.05], [0, 0, 1]], dtype=torch.float64)
    with torch.inference_mode():
        z = torch.from_numpy(np.random.RandomState(100).randn(1, 8))
        made = to_pixels(network.picture(network.styles(z, psi=0.7), transform=moved.inverse()))[0].numpy()
    ours = painted(network, 0, 1, translate=(0.1, -0.05), rotate=30)[0]
    assert np.abs(ours.astype(int) - made).max() <= 1
    assert (ours != painted(network, 0, 1)[0]).any()


def test_a_grid_has_each_seeds_own_picture_and_mixes_only_the_layers_named() -> None:
    network = generator("stylegan2")
    mix = Mix(rows=(100, 101), columns=(55, 100), layers=(0, 1))
    names = mix.pairs()
    assert names == ((55, 55), (100, 100), (100, 55), (101, 101), (101, 55), (101, 100))
    made = dict(zip(names, painted(network, 0, len(names), seeds=(), mix=mix), strict=True))
    assert (made[100, 100] == painted(network, 0, 1)[0]).all()
    everything = Mix(rows=(100,), columns=(101,), layers=tuple(range(6)))
    assert (painted(network, 2, 3, seeds=(), mix=everything)[0] == painted(network, 1, 2)[0]).all()
    assert (made[101, 55] != made[101, 101]).any()


WALK = WalkBrief(through="100-102", seeds=(100, 101, 102), frames=9, space="w", way="cubic", loop=True, steady=False)


def test_a_walk_comes_after_the_pictures_and_passes_through_its_seeds() -> None:
    network = generator("stylegan2")
    pictures = painted(network, 0, 3)
    walk = {"walk": WALK, "walk_begins": 3}
    film = painted(network, 3, 12, **walk)
    assert len(film) == 9
    for leg, picture in enumerate(pictures):
        # At a keyframe the spline is the seed's w but for its last bits.
        assert np.abs(film[3 * leg].astype(int) - picture).max() <= 1
    assert (film[1] != film[0]).any()
    assert (painted(network, 7, 8, batch=1, **walk)[0] == film[4]).all()


def test_a_walks_random_noise_stands_still() -> None:
    network = generator("stylegan2")
    still = WALK.model_copy(update={"seeds": (100, 100), "frames": 4})
    film = painted(network, 0, 4, walk=still, noise="random")
    assert len({picture.tobytes() for picture in film}) == 1


def test_a_walk_leads_through_latents_of_a_file() -> None:
    network = generator("stylegan2")
    with torch.inference_mode():
        ws = network.styles(torch.from_numpy(np.concatenate([z_of(seed, 8) for seed in (100, 101, 102)]))).numpy()
    walk = WALK.model_copy(update={"seeds": (), "file": 0})
    film = painted(network, 0, 9, walk=walk, files=(packed(ws),))
    seeds = painted(network, 0, 9, walk=WALK)
    assert max(np.abs(one.astype(int) - other).max() for one, other in zip(film, seeds, strict=True)) <= 1


@pytest.mark.parametrize("kind", ["stylegan2", "conditional", "stylegan3"])
@pytest.mark.parametrize("space", ["z", "w"])
def test_every_generator_walks_in_z_and_in_w(kind: str, space: str) -> None:
    walk = WALK.model_copy(update={"space": space, "way": "slerp" if space == "z" else "linear"})
    film = painted(generator(kind), 0, 9, walk=walk, label=1 if kind == "conditional" else None)
    assert len({picture.tobytes() for picture in film}) == 9


def test_latents_of_a_file_are_pictured_as_they_are() -> None:
    network = generator("stylegan2")
    with torch.inference_mode():
        ws = network.styles(torch.from_numpy(z_of(100, 8)), psi=0.7).numpy()
    told = Told()
    made = painted(network, 0, 1, seeds=(), latents=0, files=(packed(ws),), truncation=1.0, told=told)
    assert (made[0] == painted(network, 0, 1)[0]).all()
    assert (told[0]["latent"], "seed" in told[0]) == ("0", False)
    z = painted(network, 0, 2, seeds=(), latents=0, files=(npz(z=np.stack([z_of(s, 8)[0] for s in (100, 101)])),))
    assert (z[1] == painted(network, 1, 2)[0]).all()


def test_an_edit_moves_the_styles_of_its_layers_along_its_direction() -> None:
    network, told = generator("stylegan2"), Told()
    direction = np.arange(8, dtype=np.float32)
    edit = EditBrief(name="up.npz", file=0, strength=0.25, layers=(0, 1))
    [moved] = painted(network, 0, 1, edits=(edit,), files=(npz(up=direction),), told=told)
    with torch.inference_mode():
        ws = network.styles(torch.from_numpy(z_of(100, 8)), psi=0.7)
        ws[:, :2] += 0.25 * torch.from_numpy(direction)
        made = to_pixels(network.picture(ws))[0].numpy()
    assert (moved == made).all()
    assert told[0]["edited"] == "+0.25 up.npz"
    still = edit.model_copy(update={"strength": 0.0})
    assert (painted(network, 0, 1, edits=(still,), files=(npz(up=direction),))[0] == painted(network, 0, 1)[0]).all()


def test_the_generators_own_directions_are_there_by_number() -> None:
    network = generator("stylegan2")
    made = [painted(network, 0, 1, edits=(EditBrief(name="", sefa=n, strength=3),))[0] for n in range(3)]
    assert len({picture.tobytes() for picture in [*made, painted(network, 0, 1)[0]]}) == 4


def npz(**arrays: np.ndarray) -> bytes:
    """Arrays as a file."""
    file = BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def test_deep_pictures_are_the_same_in_finer_steps() -> None:
    network = generator("stylegan2")
    [deep], [plain] = painted(network, 0, 1, deep=True), painted(network, 0, 1)
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - plain).max() <= 0.51
    assert len(np.unique(deep)) > len(np.unique(plain))


def test_every_picture_is_described_by_what_made_it() -> None:
    network, told = generator("stylegan2"), Told()
    pictures = painted(network, 0, 2, told=told, noise="none")
    facts = dict(told[1])
    w = provenance.latent_of(facts)
    assert w is not None
    assert w.shape == (8,)
    ours = {name: facts[name] for name in facts if name not in ("w", "wShape")}
    assert ours == {"model": "small", "modelSha256": "abc", "seed": "101", "truncation": "0.7", "noise": "none"}
    with torch.inference_mode():
        again = to_pixels(network.picture(torch.from_numpy(w).expand(1, 6, 8), noise="none"))[0].numpy()
    assert (again == pictures[1]).all()


def test_a_latent_of_several_styles_is_told_whole() -> None:
    told = Told()
    painted(generator("stylegan2"), 0, 1, told=told, cutoff=2)
    w = provenance.latent_of(told[0])
    assert w is not None
    assert w.shape == (6, 8)


def test_memory_that_runs_out_halves_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    network = generator("stylegan2")
    plain = Generator.picture
    sizes: list[int] = []

    def scarce(self: Generator, ws: torch.Tensor, **keys: Any) -> torch.Tensor:
        sizes.append(len(sizes))
        if len(sizes) == 1:
            raise torch.OutOfMemoryError
        return plain(self, ws, **keys)

    monkeypatch.setattr(Generator, "picture", scarce)
    made = painted(network, 0, 3, batch=3)
    monkeypatch.undo()
    assert [picture.tobytes() for picture in made] == [picture.tobytes() for picture in painted(network, 0, 3)]


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ["stylegan2", "stylegan3"])
def test_on_a_gpu_a_seeds_picture_does_not_depend_on_what_is_beside_it(kind: str) -> None:
    network = generator(kind).cuda()
    among = painted(network, 0, 10, batch=4, device="cuda")
    for frame in (0, 5, 9):
        [alone] = painted(network, frame, frame + 1, batch=4, device="cuda")
        assert (among[frame] == alone).all()
