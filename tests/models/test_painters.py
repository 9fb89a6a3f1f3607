"""What every network that paints like any painting keeps to: our own, shipped, and AdaIN."""

from __future__ import annotations

import pytest
import torch

from pipeline.errors import InputError
from pipeline.models import any_painting
from pipeline.models.adain import AdaIN, AdainDecoder, AdainEncoder
from tests.models.checkpoints import seeded

RANDOM = torch.Generator().manual_seed(5)
FRAMES = torch.rand(2, 3, 24, 40, generator=RANDOM)
ONE = torch.rand(1, 3, 32, 25, generator=RANDOM) * torch.tensor([1.0, 0.5, 0.2]).view(1, 3, 1, 1)
OTHER = torch.nn.functional.avg_pool2d(torch.rand(1, 3, 80, 128, generator=RANDOM).round(), 4)


@pytest.fixture(scope="module", params=["ours", "adain"])
def painter(request):
    if request.param == "ours":
        return any_painting.load()
    adain = AdaIN(seeded(AdainEncoder), seeded(AdainDecoder)).requires_grad_(False)
    # Random layers pass on ever less; a picture should come out.
    for layer in adain.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.weight.mul_(2)
    return adain


@torch.inference_mode()
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (9, 2), (17, 31), (32, 48)])
def test_every_size_keeps_its_shape_and_range(painter, size):
    painted = painter.bind([ONE], [1.0])(torch.rand(2, 3, *size))
    assert painted.shape == (2, 3, *size)
    assert painted.dtype == torch.float32
    assert 0 <= painted.min() <= painted.max() <= 1


PLAIN = {
    "pixel": ONE[..., :1, :1],
    "line": ONE[..., :1, :],
    "one colour": ONE[..., :1, :1].expand(1, 3, 30, 30),
    "black": torch.zeros(1, 3, 16, 16),
}


@torch.inference_mode()
@pytest.mark.parametrize("painting", PLAIN.values(), ids=PLAIN)
def test_plain_and_tiny_paintings_give_pictures(painter, painting):
    assert painter.bind([painting], [1.0])(FRAMES).isfinite().all()
    assert painter.bind([OTHER], [1.0])(painting).isfinite().all()


@torch.inference_mode()
def test_a_frame_is_bit_identical_alone_in_a_batch_and_again(painter):
    paint = painter.bind([ONE], [1.0], strength=0.7)
    both = paint(FRAMES)
    assert torch.equal(both[1:], paint(FRAMES[1:]))
    assert torch.equal(both, painter.bind([ONE], [1.0], strength=0.7)(FRAMES))


@torch.inference_mode()
def test_paintings_differ_and_mix(painter):
    one, other = painter.bind([ONE], [1.0])(FRAMES), painter.bind([OTHER], [1.0])(FRAMES)
    mixed = painter.bind([ONE, OTHER], [3.0, 1.0])(FRAMES)
    assert (one - other).abs().mean() > 1e-3
    assert (mixed - one).abs().mean() < (mixed - other).abs().mean()


@torch.inference_mode()
def test_weights_count_by_their_shares(painter):
    shares = painter.bind([ONE, OTHER], [0.25, 0.75])(FRAMES)
    torch.testing.assert_close(painter.bind([ONE, OTHER], [10, 30])(FRAMES), shares, atol=1e-4, rtol=0)
    alone = painter.bind([ONE, OTHER], [1, 0])(FRAMES)
    torch.testing.assert_close(alone, painter.bind([ONE], [1])(FRAMES), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_without_strength_the_painting_does_not_matter(painter):
    one, other = (painter.bind([painting], [1.0], strength=0)(FRAMES) for painting in (ONE, OTHER))
    torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


@torch.inference_mode()
def test_more_strength_is_further_from_the_frames_own_manner(painter):
    own, little, whole = (painter.bind([OTHER], [1.0], strength=part)(FRAMES) for part in (0, 0.3, 1))
    assert 0 < (little - own).abs().mean() < (whole - own).abs().mean()


BAD = {
    "none": ([], [], "0 paintings have 0 weights"),
    "count": ([ONE], [0.5, 0.5], "1 paintings have 2 weights"),
    "negative": ([ONE, OTHER], [1, -1], "none may be negative"),
    "zero": ([ONE, OTHER], [0, 0], "one must be above 0"),
    "nan": ([ONE], [float("nan")], "none may be negative"),
    "grey": ([ONE[:, :1]], [1], r"painting 1 is \(1, 1, 32, 25\); give one RGB picture"),
    "two": ([ONE, FRAMES], [1, 1], r"painting 2 is \(2, 3, 24, 40\)"),
    "empty": ([ONE[..., :0]], [1], r"painting 1 is \(1, 3, 32, 0\)"),
}


@pytest.mark.parametrize(("paintings", "weights", "said"), BAD.values(), ids=BAD)
def test_paintings_that_cannot_be_bound_are_refused(painter, paintings, weights, said):
    with pytest.raises(InputError, match=said):
        painter.bind(paintings, weights)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_beyond_its_range_is_refused(painter, strength):
    with pytest.raises(InputError, match="strength is"):
        painter.bind([ONE], [1.0], strength=strength)


@torch.inference_mode()
def test_half_precision_paints_nearly_the_same(painter):
    exact = painter.bind([ONE], [1.0])(FRAMES)
    painter.to(torch.bfloat16)
    try:
        coarse = painter.bind([ONE], [1.0])(FRAMES)
    finally:
        painter.to(torch.float32)
    assert coarse.dtype == torch.float32
    assert (coarse - exact).abs().mean() < 0.05
