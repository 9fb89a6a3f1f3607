"""Pictures at the size asked: exact, the same in tiles as whole, and better than a plain enlargement."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from pipeline import catalog
from pipeline.drawing import portraits, rooms
from pipeline.errors import InputError, IntegrityError, ModelError
from pipeline.models import upscale
from pipeline.models.upscale import UpscaleNetwork
from pipeline.training.upscaling import export
from pipeline.upscale import LARGEST_PX, Upscaler


@pytest.fixture(scope="module")
def upscaler():
    return Upscaler.open()


def drawn(seed: int, size: int) -> np.ndarray:
    """A portrait that no training saw."""
    return portraits.draw(portraits.sample(seed), size)


def tiny(tile_px: int) -> Upscaler:
    """A network that does something, quickly."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        network = UpscaleNetwork(8, 1).eval()
        torch.nn.init.normal_(network.tail.weight, std=0.02)
    return Upscaler(network, "tiny", tile_px=tile_px)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other).max())


def decibels(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(found.astype(float) - wanted).mean()))


def test_it_says_the_networks_name_and_digest(upscaler):
    sha256 = catalog.digest(upscale.SHIPPED)
    assert upscaler.name == f"upscaler (atelier-upscale-1, sha256 {sha256[:12]})"


@pytest.mark.parametrize(
    ("picture", "size", "height", "width"),
    [
        ((40, 40), 160, 160, 160),
        ((40, 40), 101, 101, 101),
        ((33, 47), 47 * 3, 99, 141),
        ((33, 47), (67, 95), 67, 95),
        ((47, 33), 48, 48, 34),
        ((1, 1), 5, 5, 5),
        ((3, 64), 65, 3, 65),
        ((64, 64), (63, 64), 63, 64),
        ((64, 64), (64, 65), 64, 65),
    ],
)
def test_the_size_is_the_one_that_was_asked_for(picture, size, height, width):
    found = tiny(16).enlarge(noise(*picture), size)
    assert found.shape == (height, width, 3)
    assert found.dtype == np.uint8


@pytest.mark.parametrize("size", [42, 77, 84, 153, 168])
def test_tiles_change_no_pixel_beyond_rounding(size):
    picture = noise(21, 16)
    whole = tiny(4096).enlarge(picture, size)
    for tile_px in (5, 8, 13):
        assert apart(tiny(tile_px).enlarge(picture, size), whole) <= 1


def test_the_shipped_networks_tiles_change_no_pixel_beyond_rounding(upscaler):
    picture = noise(30, 36)
    network = upscale.load()
    assert apart(Upscaler(network, "", tile_px=20).enlarge(picture, 144), upscaler.enlarge(picture, 144)) <= 1


def test_the_same_picture_gives_the_same_bytes(upscaler):
    picture = drawn(3, 48)
    assert np.array_equal(upscaler.enlarge(picture, 190), Upscaler.open().enlarge(picture, 190))


def test_one_doubling_is_the_networks_own(upscaler):
    picture = drawn(4, 40)
    with torch.inference_mode():
        doubled = upscale.load()(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255)
    expected = (doubled[0].permute(1, 2, 0) * 255).round().numpy()
    assert np.array_equal(upscaler.enlarge(picture, 80), expected)


def test_a_smaller_size_is_reduced_by_area():
    picture = noise(60, 40)
    found = tiny(16).enlarge(picture, (30, 20))
    means = picture.reshape(30, 2, 20, 2, 3).mean((1, 3))
    assert np.abs(found - means).max() <= 0.5 + 1e-6
    assert np.array_equal(tiny(16).enlarge(picture, 60), picture)


def test_what_is_reduced_in_the_end_lies_where_it_did():
    x = np.linspace(0, 255, 50)
    ramp = np.repeat(np.broadcast_to(x, (50, 50))[..., None], 3, 2).astype(np.uint8)
    network = UpscaleNetwork(8, 1).eval()
    for size in (77, 130, 333):
        found = Upscaler(network, "", tile_px=16).enlarge(ramp, size)
        expected = cv2.resize(ramp, (size, size), interpolation=cv2.INTER_LINEAR)
        inner = slice(size // 8, -size // 8)
        assert apart(found[:, inner], expected[:, inner]) <= 2


@pytest.mark.parametrize(("factor", "least_db"), [(2, 1.5), (4, 0.7)])
@pytest.mark.parametrize("drawing", [rooms, portraits], ids=["rooms", "portraits"])
def test_the_shipped_one_is_clearly_better_than_bicubic_on_what_no_training_saw(upscaler, drawing, factor, least_db):
    gains = []
    for seed in range(6):
        large = drawing.draw(drawing.sample(seed), 256)
        small = cv2.resize(large, (256 // factor, 256 // factor), interpolation=cv2.INTER_AREA)
        bicubic = cv2.resize(small, (256, 256), interpolation=cv2.INTER_CUBIC)
        gains.append(decibels(upscaler.enlarge(small, 256), large) - decibels(bicubic, large))
    # A single picture may lose: whether a thin line lies in one row or the next, half the size does not tell.
    assert np.mean(gains) > least_db
    assert np.median(gains) > least_db


@pytest.mark.parametrize("size", [0, -1, LARGEST_PX + 1, (64, LARGEST_PX + 1), (0, 64)])
def test_sizes_that_are_none_or_too_large_are_refused(size):
    with pytest.raises(InputError, match=rf"cannot be made .* px; ask for sides from 1 to {LARGEST_PX}$"):
        tiny(16).enlarge(noise(8, 8), size)


def test_a_size_that_would_distort_is_refused():
    with pytest.raises(InputError, match="a picture of 80x60 px would be distorted at 160x160; ask for its longer"):
        tiny(16).enlarge(noise(60, 80), (160, 160))


@pytest.mark.parametrize(
    "picture", [noise(4, 4)[..., 0], noise(4, 4)[..., :2], noise(4, 4) / 255, np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(InputError, match=r"a picture to enlarge is \(H, W, 3\) uint8"):
        tiny(16).enlarge(picture, 64)


def test_the_shipped_one_is_found_by_its_name_and_is_no_style():
    assert catalog.find_upscaler("upscaler") == catalog.MODELS["upscaler"]
    with pytest.raises(ModelError, match="upscaler: is an upscaler, which enlarges pictures and paints none"):
        catalog.find("upscaler")
    with pytest.raises(ModelError, match="upscaler: enlarges pictures and makes none; give a generator"):
        catalog.find_generator("upscaler")
    with pytest.raises(ModelError) as caught:
        catalog.find("zzz")
    assert "upscaler" not in str(caught.value)


def test_a_checkpoint_of_ones_own_is_found_by_path(tmp_path):
    export(UpscaleNetwork(8, 1), tmp_path / "mine.safetensors", {})
    model = catalog.find_upscaler(str(tmp_path / "mine.safetensors"))
    assert (model.kind, model.entry) == ("upscaler", "pipeline.models.upscale:load")
    assert Upscaler.open(model).enlarge(noise(4, 4), 8).shape == (8, 8, 3)
    export(UpscaleNetwork(8, 2), tmp_path / "mine.safetensors", {})
    with pytest.raises(IntegrityError, match="it was replaced or damaged"):
        Upscaler.open(model)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zzz", "unknown upscaler 'zzz'; known are upscaler; or give a path"),
        ("starry-night", "starry-night: is a style and enlarges nothing; give an upscaler"),
        ("gone.safetensors", r"gone\.safetensors: no such checkpoint"),
    ],
)
def test_what_is_no_upscaler_is_explained(name, said):
    with pytest.raises(ModelError, match=said):
        catalog.find_upscaler(name)


def test_a_style_is_not_opened_as_an_upscaler():
    with pytest.raises(ModelError, match="starry-night: enlarges nothing"):
        Upscaler.open(catalog.MODELS["starry-night"])
