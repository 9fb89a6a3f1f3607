"""The light film network: any size in, the same size out, the same pixels every time."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from pipeline import device
from pipeline.catalog import MODELS
from pipeline.errors import ModelError
from pipeline.models import open_model, style
from pipeline.stream import spread
from tests.models.checkpoints import seeded, write_style


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def picture(height, width):
    """Soft shapes, as photographs have; noise alone would hide what half precision does to an even sky."""
    y, x = torch.meshgrid(torch.linspace(0, 3, height), torch.linspace(0, 4, width), indexing="ij")
    return torch.stack([(x * y).sin(), x.cos(), (y - x).sin()])[None] * 0.4 + 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2), (5, 5), (33, 47), (64, 48)])
def test_every_size_keeps_its_shape_and_range(size):
    painted = seeded(style.StyleNetwork)(torch.rand(2, 3, *size))
    assert painted.shape == (2, 3, *size)
    assert 0 <= painted.min() <= painted.max() <= 1
    assert painted.isfinite().all()


def test_padding_does_not_change_sizes_that_need_none():
    frames = torch.rand(1, 3, 32, 40)
    assert style.pad_to_multiple(frames, 4, least_px=8) is frames


def test_a_black_frame_is_painted_without_nan():
    assert seeded(style.StyleNetwork)(torch.zeros(1, 3, 16, 16)).isfinite().all()


@torch.inference_mode()
def test_an_even_sky_gets_strokes_and_the_same_ones_in_every_frame():
    network, sky = seeded(style.StyleNetwork), torch.full((2, 3, 48, 48), 0.5)
    painted = network(sky)
    assert painted[0].std() > 0.01
    assert torch.equal(painted[0], painted[1])


@torch.inference_mode()
def test_frames_larger_than_the_canvas_grain_are_painted():
    assert seeded(style.StyleNetwork)(torch.rand(1, 3, 8, 4 * 256 + 4)).shape == (1, 3, 8, 1028)


@torch.inference_mode()
@pytest.mark.parametrize("size", [(48, 64), (90, 161)])
def test_a_frame_is_bit_identical_in_batches_of_1_2_and_4(size):
    frames, network = torch.rand(4, 3, *size), seeded(style.StyleNetwork)
    alone = network(frames[:1])
    assert torch.equal(network(frames[:2])[:1], alone)
    assert torch.equal(network(frames)[:1], alone)
    assert torch.equal(network(frames.flip(0))[3:], alone)


@torch.inference_mode()
def test_threads_change_no_pixel_by_more_than_one_code_value(threads):
    frame, network = torch.rand(1, 3, 181, 317), seeded(style.StyleNetwork)
    threads(1)
    one = network(frame)
    threads(2)
    two = network(frame)
    # Bit for bit at most sizes; at some, oneDNN adds a last row's products in another order.
    assert (one - two).abs().max() < 1e-6
    assert ((one * 255).round() - (two * 255).round()).abs().max() <= 1


@torch.inference_mode()
def test_memory_layout_changes_no_bit():
    frames, network = torch.rand(1, 3, 48, 64), seeded(style.StyleNetwork)
    assert torch.equal(network(frames), network(frames.contiguous(memory_format=torch.channels_last)))


def lightened():
    return device.lighten(open_model(MODELS["starry-night"]), torch.bfloat16)


@torch.inference_mode()
@pytest.mark.parametrize("brightness", [1.0, 0.06], ids=["day", "night"])
def test_bfloat16_shows_no_difference(brightness):
    frame = picture(96, 128) * brightness
    exact, light = open_model(MODELS["starry-night"])(frame), lightened()(frame)
    assert light.dtype is torch.float32
    assert ((light - exact) * 255).abs().mean() < 0.5


@torch.inference_mode()
def test_a_frame_in_bfloat16_does_not_depend_on_batch_threads_or_layout(threads):
    network, frames = lightened(), torch.cat([picture(90, 160), torch.rand(2, 3, 90, 160)])
    threads(1)
    alone = network(frames[:1])
    assert torch.equal(network(frames)[:1], alone)
    assert torch.equal(network(frames[:1].contiguous(memory_format=torch.channels_last)), alone)
    threads(2)
    assert torch.equal(network(frames[:1]), alone)


@torch.inference_mode()
def test_lanes_change_no_bit_in_bfloat16():
    network, frames = lightened(), list(torch.rand(4, 3, 48, 64).split(1))

    def paint(frame):
        with torch.inference_mode():
            return network(frame)

    assert all(map(torch.equal, spread(paint, frames, threads=2, name="lane"), map(paint, frames)))


@torch.inference_mode()
def test_a_network_taken_to_bfloat16_whole_paints_the_same_within_a_code_or_two():
    frame, network = picture(64, 96), lightened()
    whole = open_model(MODELS["starry-night"]).to(torch.bfloat16)
    assert ((whole(frame) - network(frame)) * 255).abs().mean() < 1


def test_training_and_painting_compute_the_same():
    frames, network = torch.rand(2, 3, 32, 32), seeded(style.StyleNetwork)
    with torch.no_grad():
        painted = network(frames)
    torch.testing.assert_close(network(frames).detach(), painted, atol=1e-5, rtol=0)


def test_gradients_reach_every_parameter():
    network = seeded(style.StyleNetwork)
    network(torch.rand(1, 3, 32, 32)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_half_precision_weights_load_into_a_float32_network_ready_to_paint(tmp_path):
    network = style.load(write_style(tmp_path / "a.safetensors"), "cpu")
    assert not network.training
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert network(torch.rand(1, 3, 20, 30)).shape == (1, 3, 20, 30)


def test_another_architecture_is_refused_by_name(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"x": torch.zeros(1)}, path, metadata={"architecture": "mosaic-9"})
    with pytest.raises(ModelError, match=r"a\.safetensors: holds mosaic-9, not atelier-style-1"):
        style.load(path)


@pytest.mark.parametrize("half", ["many", "0", "99999"])
def test_nonsense_sizes_in_metadata_are_refused(tmp_path, half):
    path = tmp_path / "a.safetensors"
    said = {"architecture": style.ARCHITECTURE, "half": half, "quarter": "8", "blocks": "1"}
    save_file({"x": torch.zeros(1)}, path, metadata=said)
    with pytest.raises(ModelError, match="its metadata"):
        style.load(path)
