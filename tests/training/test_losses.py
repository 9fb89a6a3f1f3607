"""What each loss calls small."""

from __future__ import annotations

import pytest
import torch

from pipeline.models.vgg import load_vgg
from pipeline.training import losses
from tests.training.tiny import write_vgg


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    return load_vgg(write_vgg(tmp_path_factory.mktemp("vgg") / "vgg.npz"))


@pytest.fixture
def picture():
    return torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_a_gram_matrix_forgets_where_things_are():
    features = torch.randn(2, 5, 6, 7)
    shuffled = features.flatten(2)[..., torch.randperm(42)].view_as(features)
    torch.testing.assert_close(losses.gram(shuffled), losses.gram(features))


def test_a_gram_matrix_does_not_grow_with_the_picture():
    features = torch.randn(1, 5, 6, 7)
    torch.testing.assert_close(losses.gram(features.repeat(1, 1, 2, 3)), losses.gram(features))


def test_content_loss_is_0_for_the_content_and_1_for_nothing():
    content = {"relu3_1": torch.rand(2, 4, 3, 3), "relu2_2": torch.rand(2, 4, 6, 6)}
    assert losses.ContentLoss()(content, content) == 0
    nothing = {layer: torch.zeros_like(features) for layer, features in content.items()}
    assert losses.ContentLoss()(nothing, content) == pytest.approx(1)


def test_style_loss_is_0_for_the_painting_itself_and_more_for_another(vgg, picture):
    layers = (("relu1_2", "relu2_1"), ("relu2_1",))
    loss = losses.StyleLoss(vgg, picture, layers)

    def of(pictures):
        levels = losses.pyramid(pictures, 2)
        return loss([vgg(level, names) for level, names in zip(levels, layers, strict=True)])

    assert of(picture) == pytest.approx(0, abs=1e-9)
    assert of(picture.flip(3).expand(2, -1, -1, -1)) < of(picture * 0.5)


def test_a_pyramid_halves_at_every_level(picture):
    assert [level.shape[-1] for level in losses.pyramid(picture, 3)] == [32, 16, 8]


def test_shading_loss_ignores_strokes_colour_and_brightness_but_not_blotches():
    loss, sky = losses.ShadingLoss(patch_px=8), torch.full((1, 3, 32, 32), 0.5)
    strokes = sky.clone()
    strokes[..., ::2] = 0.3
    blotches = sky.clone()
    blotches[..., :16] = 0.3
    assert loss(strokes * 0.8 + 0.1, sky) == pytest.approx(0, abs=1e-6)
    assert loss(blotches, sky) > 0.005


def test_total_variation_is_0_for_an_even_picture_and_grows_with_grain(picture):
    loss = losses.TotalVariationLoss()
    assert loss(torch.ones(1, 3, 8, 8)) == 0
    assert loss(picture) > loss(picture * 0.5) > 0


def test_motion_moves_a_batch_the_same_way_every_time(picture):
    motion = losses.Motion(1, torch.Generator().manual_seed(2))
    assert torch.equal(motion(picture), motion(picture))
    assert not torch.equal(motion(picture), picture)


def test_no_motion_moves_nothing(picture):
    motion = losses.Motion(1, torch.Generator().manual_seed(2), shift=0, zoom=0)
    torch.testing.assert_close(motion(picture), picture, atol=1e-5, rtol=0)


def test_temporal_loss_counts_only_what_both_frames_show(picture):
    valid = torch.zeros(1, 1, 32, 32)
    valid[..., :16] = 1
    other = picture.clone()
    other[..., 16:] = 0
    loss = losses.TemporalLoss()
    assert loss(other, picture, valid) == 0
    assert loss(other, picture, torch.ones_like(valid)) > 0
    assert loss(other, picture, torch.zeros_like(valid)) == 0
