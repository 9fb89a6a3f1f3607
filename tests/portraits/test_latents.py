"""Latents of seeds and in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.models.stylegan.design import stylegan2
from pipeline.portraits.latents import packed, read, z_of

CONFIG = stylegan2(32, z_dim=6, w_dim=5)
LAYERS = CONFIG.num_ws


def _saved(folder: Path, **arrays: object) -> Path:
    path = folder / "latents.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def test_a_seeds_latent_is_the_official_tools() -> None:
    np.testing.assert_allclose(z_of(7, 4), [[1.69052570, -0.46593737, 0.03282016, 0.40751628]], atol=1e-8)
    assert z_of(7, 4).dtype == np.float64


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    ws = np.random.default_rng(0).normal(size=(3, LAYERS, 5)).astype(np.float32)
    path = tmp_path / "w.npz"
    path.write_bytes(packed(ws))
    assert packed(ws) == packed(ws)
    with np.load(path) as file:
        assert file["w"].shape == (3, LAYERS, 5)
    found = read(path, CONFIG)
    assert found.space == "w"
    np.testing.assert_array_equal(found.values, ws)


def test_what_lies_beside_latents_is_passed_over(tmp_path: Path) -> None:
    ws = np.ones((1, LAYERS, 5), np.float32)
    path = tmp_path / "w.npz"
    path.write_bytes(packed(ws, {"synthesis.b4.conv1.noise_const": np.zeros((4, 4), np.float32)}))
    np.testing.assert_array_equal(read(path, CONFIG).values, ws)


@pytest.mark.parametrize("name", ["w", "ws", "latents"])
@pytest.mark.parametrize("shape", [(5,), (1, 5), (2, 5), (LAYERS, 5), (2, 1, 5), (2, LAYERS, 5)])
def test_fewer_styles_are_of_all_layers(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    values = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    found = read(_saved(tmp_path, **{name: values}), CONFIG).values
    assert found.shape[1:] == (LAYERS if LAYERS in shape else 1, 5)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[0, -1], values.reshape(-1, 5)[LAYERS - 1 if LAYERS in shape else 0])


def test_what_would_take_more_memory_than_it_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has 80,000,000 numbers, as no such file does"):
        read(_saved_packed(tmp_path, w=np.zeros((16_000_000, 5), bool)), CONFIG)


def _saved_packed(folder: Path, **arrays: np.ndarray) -> Path:
    path = folder / "packed.npz"
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return path


def test_z_is_read_as_z(tmp_path: Path) -> None:
    found = read(_saved(tmp_path, z=np.ones((2, 6))), CONFIG)
    assert (found.space, found.values.shape) == ("z", (2, 6))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"w": np.ones((1, LAYERS, 4))}, "this generator takes"),
        ({"w": np.ones((1, 3, 5))}, "this generator takes"),
        ({"w": np.ones((0, LAYERS, 5))}, "this generator takes"),
        ({"z": np.ones((1, 5))}, r"takes \(N, 6\)"),
        ({"w": np.full((1, 5), np.nan)}, "not finite"),
        ({"w": np.full((1, 5), 1e300)}, "not finite, or too large"),
        ({"v": np.ones((1, 5))}, "holds v, and no latents"),
        ({"w": np.array([None])}, r"no whole \.npz"),
        ({"w": np.array(["a"])}, r"no whole \.npz"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(arrays: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=said):
        read(_saved(tmp_path, **arrays), CONFIG)


def test_a_file_that_is_none_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such latents"):
        read(tmp_path / "absent.npz", CONFIG)
    path = _saved(tmp_path, w=np.ones((1, 5)))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ModelError, match=r"no whole \.npz"):
        read(path, CONFIG)
