"""Colours given to paintings and kept of pictures, down to pictures of one colour."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.errors import InputError
from pipeline.models.palette import keep_colours, match_palette
from pipeline.tensors import luminance
from tests.models.checkpoints import SHARED

FIXTURES = SHARED / "checkpoints"
RANDOM = torch.Generator().manual_seed(0)

GREY = torch.rand(1, 1, 20, 30, generator=RANDOM).expand(1, 3, 20, 30)
PLAIN = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1).expand(1, 3, 12, 9)
PIXEL = torch.tensor([0.9, 0.1, 0.4]).view(1, 3, 1, 1)
PICTURE = torch.rand(1, 3, 16, 24, generator=RANDOM)
ODD = {"grey": GREY, "plain": PLAIN, "pixel": PIXEL, "black": PLAIN * 0, "white": PLAIN * 0 + 1}


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the official implementation's fixtures are not at hand")
def test_colours_match_as_in_the_official_implementation_but_for_its_sums():
    painting, content, official = (
        torch.from_numpy(np.load(FIXTURES / f"adain_{name}.npy")) for name in ("style", "content", "style_coral")
    )
    found, mean = match_palette(painting, content), content.mean((2, 3), keepdim=True)
    sums_for_means = (content[0, 0].numel() / painting[0, 0].numel()) ** 0.5
    theirs = mean + (official.view_as(found) - mean) / sums_for_means
    assert (found - theirs.clamp(0, 1)).abs().max() < 1e-4


def test_the_contents_size_does_not_change_the_colours():
    content = torch.nn.functional.interpolate(PICTURE, scale_factor=4, mode="nearest")
    torch.testing.assert_close(match_palette(GREY, content), match_palette(GREY, PICTURE), atol=0.005, rtol=0)


def test_a_matched_painting_has_the_contents_means_and_deviations():
    painting = PICTURE * 0.2 + 0.1
    content = torch.rand(1, 3, 30, 20, generator=RANDOM) * torch.tensor([0.2, 0.3, 0.4]).view(1, 3, 1, 1) + 0.3
    found = match_palette(painting, content)
    assert (found.shape, found.dtype) == (painting.shape, torch.float32)
    torch.testing.assert_close(found.mean((2, 3)), content.mean((2, 3)), atol=0.01, rtol=0)
    torch.testing.assert_close(found.std((2, 3)), content.std((2, 3)), atol=0.01, rtol=0)


def test_one_painting_is_matched_to_each_picture_of_a_batch():
    contents = torch.cat([PICTURE * 0.5, PICTURE.flip(1)])
    found = match_palette(GREY, contents)
    assert found.shape == (2, 3, 20, 30)
    torch.testing.assert_close(found[1:], match_palette(GREY, contents[1:]))


@pytest.mark.parametrize("painting", ODD.values(), ids=ODD)
@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_pictures_without_colours_give_pictures(painting, content):
    found = match_palette(painting, content)
    assert found.shape == painting.shape
    assert found.isfinite().all()
    assert 0 <= found.min() <= found.max() <= 1


def test_light_is_the_paintings_and_colour_the_contents():
    painted, content = PICTURE * 0.3 + 0.4, PICTURE.flip(3) * 0.2 + 0.4
    found = keep_colours(painted, content)
    torch.testing.assert_close(luminance(found), luminance(painted))
    torch.testing.assert_close(found - luminance(found), content - luminance(content), atol=1e-5, rtol=0)


def test_light_survives_where_colour_does_not_fit():
    painted, content = PICTURE.round(), PIXEL.expand_as(PICTURE)
    found = keep_colours(painted, content)
    assert 0 <= found.min() <= found.max() <= 1
    torch.testing.assert_close(luminance(found), luminance(painted), atol=1e-5, rtol=0)


def test_a_picture_keeps_its_own_colours():
    torch.testing.assert_close(keep_colours(PICTURE, PICTURE), PICTURE, atol=1e-5, rtol=0)


def test_grey_content_makes_grey_paintings():
    found = keep_colours(torch.rand(1, 3, 20, 30), GREY)
    torch.testing.assert_close(found, found[:, :1].expand_as(found), atol=1e-5, rtol=0)


@pytest.mark.parametrize("change", [match_palette, keep_colours])
def test_what_is_no_rgb_picture_is_refused(change):
    with pytest.raises(InputError, match=r"a picture is \(1, 1, 20, 30\)"):
        change(GREY[:, :1], PICTURE)
    with pytest.raises(InputError, match=r"a picture is \(1, 3, 0, 4\)"):
        change(PICTURE, torch.zeros(1, 3, 0, 4))


def test_colours_are_kept_between_pictures_of_one_size_only():
    with pytest.raises(InputError, match="both must be alike"):
        keep_colours(PICTURE, GREY)
