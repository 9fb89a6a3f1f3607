"""Every model has a row; rows resolve; whatever is not a row or a checkpoint is explained."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from pipeline import catalog
from pipeline.errors import IntegrityError, ModelError
from pipeline.layouts import style_shapes
from pipeline.models import open_model
from pipeline.models.style import StyleNetwork
from pipeline.training.style import export
from tests.models.checkpoints import write_fns, write_style


def write_halves(folder, **options):
    """Files with the names that AdaIN's two halves have for their tensors."""
    encoder, decoder = folder / "encoder.pth", folder / "decoder.pth"
    torch.save({f"{number}.weight": torch.zeros(1) for number in (0, 2, 5)}, encoder, **options)
    torch.save({f"{number}.weight": torch.zeros(1) for number in (1, 5, 8)}, decoder, **options)
    return encoder, decoder


def test_reading_a_styles_architecture_is_torch_free(tmp_path):
    path = write_style(tmp_path / "a.safetensors")
    code = f"import sys, pipeline.catalog as c; c.find({str(path)!r}); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_at_least_two_styles_ship():
    assert len(STYLES) >= 2


STYLES = [name for name, model in catalog.MODELS.items() if model.kind == "style"]


@pytest.mark.parametrize("name", STYLES)
def test_a_shipped_style_loads_and_paints(name):
    model = catalog.find(name)
    assert model.name == name
    with torch.no_grad():
        painted = open_model(model)(torch.rand(1, 3, 40, 60))
    assert painted.shape == (1, 3, 40, 60)
    assert painted.std() > 0.02


@pytest.mark.parametrize("name", STYLES)
def test_a_shipped_style_is_small_and_has_a_model_card(name):
    path = catalog.find(name).path
    assert path.stat().st_size <= 2_000_000
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    assert all(row in card for row in ("painting", "photographs", "losses", "iterations", "licence"))


@pytest.mark.parametrize("entry", catalog.ARCHITECTURES.values())
def test_every_architecture_names_a_loader(entry):
    module, function = entry.split(":")
    code = f"from {module} import {function}"
    compile(code, "entry", "exec")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


def test_a_misspelt_style_is_answered_with_the_nearest_and_the_list():
    with pytest.raises(ModelError) as caught:
        catalog.find("stary-nigth")
    assert "unknown style 'stary-nigth'; did you mean 'starry-night'?" in str(caught.value)
    assert all(name in str(caught.value) for name in STYLES)


def test_a_style_like_nothing_is_answered_with_the_list_alone():
    with pytest.raises(ModelError, match="unknown style 'zzz'; known are"):
        catalog.find("zzz")


def test_a_checkpoint_of_ones_own_is_found_by_path(tmp_path):
    path = write_style(tmp_path / "mine.safetensors")
    model = catalog.find(str(path))
    assert model.entry == "pipeline.models.style:load"
    assert model.sha256 == catalog.digest(path)
    assert open_model(model)(torch.rand(1, 3, 8, 8)).shape == (1, 3, 8, 8)


def test_a_torch_checkpoint_is_taken_for_fast_neural_style(tmp_path):
    model = catalog.find(str(write_fns(tmp_path / "mine.pth")))
    assert model.entry == "pipeline.models.fns:load"
    assert open_model(model)(torch.rand(1, 3, 8, 8)).shape == (1, 3, 8, 8)


def test_a_relative_path_is_found_from_anywhere_afterwards(tmp_path, monkeypatch):
    write_style(tmp_path / "mine.safetensors")
    monkeypatch.chdir(tmp_path)
    model = catalog.find("mine.safetensors")
    monkeypatch.chdir("/")
    assert model.path.is_file()


def test_a_checkpoint_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"gone\.pth: no such checkpoint"):
        catalog.find(str(tmp_path / "gone.pth"))


def test_a_registered_style_is_found_by_its_name(tmp_path):
    path = write_style(tmp_path / "anything.safetensors")
    model = catalog.find("mine", {"mine": path})
    assert (model.name, model.path, model.kind) == ("mine", path, "style")


def test_a_shipped_style_goes_before_a_registered_one(tmp_path):
    also = {STYLES[0]: write_style(tmp_path / "other.safetensors")}
    assert catalog.find(STYLES[0], also) == catalog.MODELS[STYLES[0]]


def test_registered_styles_are_named_when_one_is_misspelt(tmp_path):
    with pytest.raises(ModelError, match=rf"did you mean 'my-harbour'\?.*{STYLES[-1]}, my-harbour; or give"):
        catalog.find("my-harbor", {"my-harbour": tmp_path / "x.safetensors"})


@pytest.mark.parametrize("old", [False, True])
def test_halves_of_adain_are_told_by_their_tensors(tmp_path, old):
    encoder, decoder = write_halves(tmp_path, _use_new_zipfile_serialization=not old)
    assert catalog.find_half(str(encoder), "encoder").entry == "pipeline.models.adain:load_encoder"
    assert catalog.find_half(str(decoder), "decoder").entry == "pipeline.models.adain:load_decoder"


def test_halves_of_adain_that_are_swapped_are_named(tmp_path):
    encoder, decoder = write_halves(tmp_path)
    with pytest.raises(ModelError, match=r"decoder\.pth: holds no AdaIN encoder but a decoder"):
        catalog.find_half(str(decoder), "encoder")
    with pytest.raises(ModelError, match=r"encoder\.pth: holds no AdaIN decoder but an encoder; .* decoder\.pth"):
        catalog.find_half(str(encoder), "decoder")


def test_half_of_adain_is_no_style(tmp_path):
    for path in write_halves(tmp_path):
        with pytest.raises(ModelError, match=r"half of AdaIN; write style: {painting: my\.jpg, encoder: "):
            catalog.find(str(path))


def test_network_for_any_painting_is_no_style(tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata={"architecture": "atelier-any-1"})
    with pytest.raises(ModelError, match=r"a\.safetensors: paints as a painting .* write style: {painting: my\.jpg}"):
        catalog.find(str(tmp_path / "a.safetensors"))


def test_torch_checkpoint_of_another_network_is_refused_before_any_job_runs(tmp_path):
    torch.save({"features.0.weight": torch.zeros(3)}, tmp_path / "a.pth")
    with pytest.raises(ModelError, match=r"a\.pth: it names no architecture, nor do its tensors"):
        catalog.find(str(tmp_path / "a.pth"))


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(200), b"\x80\x02X\xff\xff\xff\x7fx"])
def test_damaged_torch_checkpoint_is_refused_before_any_job_runs(tmp_path, content):
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.pth: is no whole torch checkpoint"):
        catalog.find(str(tmp_path / "a.pth"))


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_torch_checkpoint_is_refused_before_any_job_runs(tmp_path, packing):
    with zipfile.ZipFile(tmp_path / "a.pth", "w", packing) as archive:
        archive.writestr("a/data.pkl", b"conv1" * 100)
    with pytest.raises(ModelError, match=r"a\.pth: is packed, as torch\.save packs none; save it again"):
        catalog.find(str(tmp_path / "a.pth"))


@pytest.mark.parametrize("sizes", [{"half": 32, "quarter": 48, "blocks": 5}, {"half": 6, "quarter": 10, "blocks": 2}])
def test_the_layout_of_a_style_is_its_networks(sizes):
    built = StyleNetwork(**sizes).state_dict()
    assert style_shapes(**sizes) == {name: tuple(tensor.shape) for name, tensor in built.items()}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"half": "x"}, "its metadata lacks whole numbers for half, quarter and blocks"),
        ({"half": "900"}, r"asks for a network of .* between 1 and 512"),
        ({"blocks": "2"}, r"it lacks residuals\.1\.body\.0\.bias \(8 names differ\)"),
        ({"quarter": "9"}, r"decoder\.1\.weight is \(8, 8, 3, 3\) where \(8, 9, 3, 3\) belongs"),
    ],
)
def test_a_style_that_could_not_be_loaded_is_refused_before_any_job_runs(tmp_path, changes, said):
    network = StyleNetwork(half=8, quarter=8, blocks=1)
    save_file(network.state_dict(), tmp_path / "a.safetensors", metadata={**network.metadata(), **changes})
    with pytest.raises(ModelError, match=rf"a\.safetensors: .*{said}"):
        catalog.find(str(tmp_path / "a.safetensors"))


def test_torch_checkpoint_that_is_cut_off_is_refused_before_any_job_runs(tmp_path):
    whole = write_fns(tmp_path / "whole.pth").read_bytes()
    (tmp_path / "a.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"a\.pth: is no whole torch checkpoint"):
        catalog.find(str(tmp_path / "a.pth"))


def test_nothing_in_a_checkpoint_is_executed_to_look_at_it(tmp_path):
    class Bomb:
        def __reduce__(self):
            return open, (str(tmp_path / "exploded"), "w")

    torch.save({"conv1.conv2d.weight": Bomb()}, tmp_path / "a.pth")
    catalog.find(str(tmp_path / "a.pth"))
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("metadata", [None, {"architecture": "mosaic-9"}])
def test_an_unknown_architecture_is_refused_before_any_job_runs(tmp_path, metadata):
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata=metadata)
    with pytest.raises(ModelError, match=r"architecture.*; Atelier builds atelier-style-1, fns"):
        catalog.find(str(tmp_path / "a.safetensors"))


def test_a_damaged_safetensors_file_is_refused(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"\x00" * 50)
    with pytest.raises(ModelError, match="is no whole safetensors file"):
        catalog.find(str(tmp_path / "a.safetensors"))


def test_replaced_weights_are_another_model(tmp_path):
    path = write_style(tmp_path / "mine.safetensors")
    before = catalog.find(str(path))
    export(StyleNetwork(half=8, quarter=8, blocks=1), path, {"name": "other"})
    assert catalog.find(str(path)).sha256 != before.sha256
    with pytest.raises(IntegrityError):
        open_model(before)


def test_a_row_without_a_loader_is_explained(tmp_path):
    model = catalog.find(str(write_fns(tmp_path / "mine.pth")))
    with pytest.raises(ModelError, match=r"no loader 'pipeline\.models\.nothing:load'"):
        open_model(replace(model, entry="pipeline.models.nothing:load"))
