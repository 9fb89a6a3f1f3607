"""Training the network that doubles pictures: what it is shown, what it learns, and a run from the command line."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pipeline.errors import ConfigError, MediaError, ModelError
from pipeline.models import upscale
from pipeline.models.features import FeatureNetwork
from pipeline.models.upscale import UpscaleNetwork
from pipeline.training import upscaler
from pipeline.training.degrade import Damage, blurred, degrade, reduced
from pipeline.training.loop import train
from pipeline.training.schedule import Schedule
from pipeline.training.sharp import SUBJECTS, Drawings, Folder, Mixture
from pipeline.training.upscaling import Recipe, UpscalingTask, charbonnier, edge_loss, export, fresh_network
from pipeline.weights import read
from tests.training.tiny import draw_pictures

SCHEDULE = Schedule(iterations=6, learning_rate=3e-3, warmup=1, average=0.5, save_every=3, mixed_precision=False)
UNDAMAGED = Damage(sharp=1, noisy=0, packed=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def pictures(count: int = 2, size: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(3))


def task(folder, **changes) -> UpscalingTask:
    return UpscalingTask(fresh_network(channels=8, blocks=1), Folder(folder), Recipe(batch=2, crop_px=16, **changes))


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_small_pictures_are_of_eight_bits_and_come_again_from_their_seed(generator, factor):
    small = degrade(pictures(6), factor, generator, Damage(noisy=0.5, packed=0.5))
    assert small.shape == (6, 3, 32 // factor, 32 // factor)
    assert 0 <= small.min() <= small.max() <= 1
    torch.testing.assert_close(small * 255, (small * 255).round(), atol=1e-4, rtol=0)
    again = degrade(pictures(6), factor, torch.Generator().manual_seed(0), Damage(noisy=0.5, packed=0.5))
    assert torch.equal(small, again)


@pytest.mark.parametrize("kernel", ["area", "bilinear", "bicubic"])
def test_reduction_moves_nothing(kernel):
    symmetric = pictures()
    symmetric = symmetric + symmetric.flip(3)
    small = reduced(symmetric, (16, 16), kernel)
    torch.testing.assert_close(small, small.flip(3))


def test_blur_keeps_brightness_and_takes_contrast():
    sharp = pictures()
    soft = blurred(sharp, 1.2)
    torch.testing.assert_close(soft.mean(), sharp.mean(), atol=0.01, rtol=0)
    assert soft.std() < 0.5 * sharp.std()
    torch.testing.assert_close(blurred(sharp, 0.0), sharp)


def test_undamaged_pictures_are_only_reduced(generator):
    even = torch.full((1, 3, 8, 8), 0.6)
    torch.testing.assert_close(degrade(even, 2, generator, UNDAMAGED), even[..., ::2, ::2])


@pytest.mark.parametrize("subject", SUBJECTS)
def test_drawings_are_crops_of_what_is_drawn_and_come_again_from_their_seed(generator, subject):
    drawings = Drawings(subject, 2, sizes_px=(48, 64))
    found = drawings.batch(3, size_px=24, generator=generator)
    assert found.shape == (3, 3, 24, 24)
    assert 0 <= found.min() < found.max() <= 1
    fresh = Drawings(subject, 2, sizes_px=(48, 64))
    assert torch.equal(found, fresh.batch(3, size_px=24, generator=torch.Generator().manual_seed(0)))


def test_nothing_else_is_drawn():
    with pytest.raises(ConfigError, match="unknown subject 'cats'; drawn are rooms, portraits"):
        Drawings("cats", 1)


def test_a_mixture_takes_from_every_source(folder, generator):
    class Plain:
        def __init__(self, grey):
            self.grey = grey

        def batch(self, count, *, size_px, generator):
            return torch.full((count, 3, size_px, size_px), self.grey)

    found = Mixture([Plain(0.25), Plain(0.75)], [1, 3]).batch(40, size_px=2, generator=generator)
    assert 20 < int((found[:, 0, 0, 0] == 0.75).sum()) < 40


def test_losses_are_nothing_where_nothing_is_wrong():
    found = pictures()
    assert charbonnier(found, found) == pytest.approx(1e-3, rel=0.01)
    assert edge_loss(found, found) == 0
    assert edge_loss(found + 0.1, found) == pytest.approx(0, abs=1e-6)
    assert edge_loss(found.flip(3), found) > 0.1


def test_every_weight_learns(folder, generator):
    trained = task(folder, again=1.0, twice=0.5, features=0.1)
    trained.features = FeatureNetwork().requires_grad_(False)
    torch.nn.init.normal_(trained.upscaler.tail.weight)
    losses = trained.losses(generator)
    assert set(losses) == {"pixels", "edges", "features"}
    torch.stack(list(losses.values())).sum().backward()
    assert all(parameter.grad is not None for parameter in trained.network.parameters())


def test_training_makes_edges_sharper_than_bicubic(tmp_path):
    class Edges:
        def batch(self, count, *, size_px, generator):
            x = torch.arange(size_px).expand(count, 3, size_px, size_px)
            at = torch.randint(8, size_px - 8, (count, 1, 1, 1), generator=generator)
            return (x >= at).float() * 0.8 + 0.1

    recipe = Recipe(batch=4, crop_px=16, again=0, damage=UNDAMAGED)
    schedule = Schedule(iterations=60, learning_rate=5e-3, warmup=5, average=0.8, mixed_precision=False)
    trained = train(
        UpscalingTask(fresh_network(channels=8, blocks=1), Edges(), recipe), schedule, state=tmp_path / "s.pt"
    )
    sharp = Edges().batch(8, size_px=32, generator=torch.Generator().manual_seed(9))
    small = F.avg_pool2d(sharp, 2)
    with torch.no_grad():
        lost = F.mse_loss(trained(small), sharp) / F.mse_loss(UpscaleNetwork(8, 1)(small), sharp)
    assert lost < 0.85


class Stop(Exception):
    """Whatever breaks a training off."""


def test_a_resumed_training_is_equal_to_an_unbroken_one(folder, tmp_path):
    def stop(progress):
        if progress.iteration == 4:
            raise Stop

    whole = train(task(folder), SCHEDULE, state=tmp_path / "whole.pt")
    with pytest.raises(Stop):
        train(task(folder), SCHEDULE, state=tmp_path / "s.pt", report=stop)
    resumed = train(task(folder), SCHEDULE, state=tmp_path / "s.pt")
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name])


def test_an_upscaler_is_trained_from_the_command_line(folder, tmp_path, capsys):
    out = tmp_path / "net.safetensors"
    arguments = ["--pictures", str(folder), "--iterations", "1", "--crop-px", "16", "--batch", "1", "--device", "cpu"]
    small = ["--channels", "8", "--blocks", "1", "--features", "0.1"]
    assert upscaler.main([*arguments, *small, "--out", str(out)]) == 0
    assert read(out).metadata["iterations"] == "1"
    assert upscale.load(out)(torch.rand(1, 3, 5, 4)).shape == (1, 3, 10, 8)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is nothing to learn from; give --pictures"),
        (["--portraits", "1", "--crop-px", "10"], "--crop-px is 10, but must be a multiple of 4"),
        (["--pictures", "gone"], "gone: holds no photographs"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_exit_code_2(arguments, said, capsys, tmp_path):
    assert upscaler.main([*arguments, "--out", str(tmp_path / "a.safetensors")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(MediaError, match="holds no photographs"):
        Folder(tmp_path)


def test_only_upscalers_are_exported(tmp_path):
    with pytest.raises(ModelError, match="a Linear is no UpscaleNetwork"):
        export(torch.nn.Linear(1, 1), tmp_path / "a.safetensors", {})
