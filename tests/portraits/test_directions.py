"""Directions: moving along them, reading them, and finding them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import ConfigError, ModelError
from pipeline.models.stylegan.generator import Generator
from pipeline.portraits.directions import read
from pipeline.portraits.mixing import edited
from pipeline.portraits.sefa import factorised, style_weights


def test_styles_move_in_the_chosen_layers_only() -> None:
    ws, direction = torch.randn(2, 5, 4), torch.randn(4)
    moved = edited(ws, direction, strength=-2, layers=range(1, 3))
    torch.testing.assert_close(moved[:, 1:3], ws[:, 1:3] - 2 * direction)
    assert torch.equal(moved[:, [0, 3, 4]], ws[:, [0, 3, 4]])
    each = torch.randn(5, 4)
    torch.testing.assert_close(edited(ws, each, strength=0.5), ws + each / 2)


def test_directions_are_read_from_files(generator: Generator, tmp_path: Path) -> None:
    config = generator.config
    for shape in [(16,), (1, 16), (config.num_ws, 16), (1, config.num_ws, 16)]:
        values = np.random.default_rng(0).normal(size=shape)
        np.save(tmp_path / "a.npy", values)
        np.savez(tmp_path / "a.npz", age=values)
        for name in ("a.npy", "a.npz"):
            found = read(tmp_path / name, config)
            np.testing.assert_array_equal(found, values.astype(np.float32).reshape(found.shape))


@pytest.mark.parametrize(
    ("values", "said"),
    [(np.ones(15), "directions are"), (np.full(16, np.inf), "not finite"), (np.array([None]), r"no whole \.npy")],
)
def test_what_is_no_direction_is_said_in_a_sentence(
    values: np.ndarray, said: str, generator: Generator, tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", values, allow_pickle=True)
    with pytest.raises(ModelError, match=said):
        read(tmp_path / "a.npy", generator.config)


def test_a_file_that_is_missing_or_holds_two_is_said_in_a_sentence(generator: Generator, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such direction"):
        read(tmp_path / "absent.npy", generator.config)
    np.savez(tmp_path / "two.npz", a=np.ones(16), b=np.ones(16))
    with pytest.raises(ModelError, match="2 arrays"):
        read(tmp_path / "two.npz", generator.config)


def test_every_layer_that_takes_a_style_has_its_weights(generator: Generator) -> None:
    weights = style_weights(generator)
    assert len(weights) == generator.config.num_ws
    assert {weight.shape[1] for weight in weights} == {16}


def test_directions_are_the_eigenvectors_of_what_makes_styles(generator: Generator) -> None:
    layers = [1, 2, 4]
    whole = torch.cat([style_weights(generator)[layer] for layer in layers]).double().numpy()
    found = factorised(generator, 16, layers).double().numpy()
    np.testing.assert_allclose(found @ found.T, np.eye(16), atol=1e-5)
    values, vectors = np.linalg.eigh(whole.T @ whole)
    for at, direction in enumerate(found):
        np.testing.assert_allclose(whole.T @ whole @ direction, values[-1 - at] * direction, atol=1e-5)
        assert abs(vectors[:, -1 - at] @ direction) == pytest.approx(1, abs=1e-5)


def test_directions_point_where_their_largest_number_is_positive(generator: Generator) -> None:
    for direction in factorised(generator, 16):
        assert direction[direction.abs().argmax()] > 0


def test_the_direction_that_rules_a_generator_is_found_first(generator: Generator) -> None:
    ruling = torch.zeros(16)
    ruling[3], ruling[5] = 0.8, -0.6
    for weight in [part.affine.weight for part in generator.synthesis.modules() if hasattr(part, "affine")]:
        weight.add_(20 * torch.randn(len(weight), 1) * ruling)
    torch.testing.assert_close(factorised(generator, 1)[0], ruling, atol=0.05, rtol=0)


@pytest.mark.parametrize(("count", "layers", "said"), [(17, None, "17 asked for"), (1, [99], "no layer 99")])
def test_more_than_there_is_is_refused(count: int, layers: list[int] | None, said: str, generator: Generator) -> None:
    with pytest.raises(ConfigError, match=said):
        factorised(generator, count, layers)
