"""Gram sums: equal to what they are by definition, and so is their gradient."""

from __future__ import annotations

import torch

from pipeline.artwork.gram import gram_sum


def test_gram_sums_are_the_channels_products():
    features = torch.randn(1, 5, 6, 7)
    flat = features[0].flatten(1)
    torch.testing.assert_close(gram_sum(features), flat @ flat.T)


def test_gram_sums_add_up_over_parts():
    features = torch.randn(1, 5, 6, 8)
    parts = gram_sum(features[..., :3]) + gram_sum(features[..., 3:])
    torch.testing.assert_close(parts, gram_sum(features))


def test_the_gradient_is_autograds():
    features = torch.randn(1, 3, 4, 5, requires_grad=True)
    weights, mask = torch.randn(3, 3), torch.rand(1, 1, 4, 5)
    ours = torch.autograd.grad((gram_sum(features, mask) * weights).sum(), features)
    flat = (features * mask)[0].flatten(1)
    theirs = torch.autograd.grad((flat @ flat.T * weights).sum(), features)
    torch.testing.assert_close(ours, theirs)


def test_a_mask_leaves_out_what_it_does_not_cover():
    features = torch.randn(1, 5, 6, 8)
    mask = torch.zeros(1, 1, 6, 8)
    mask[..., :3] = 1
    torch.testing.assert_close(gram_sum(features, mask), gram_sum(features[..., :3]))
