"""Attributes of one's own, through real workers: designs are rated, attributes learnt, and designs edited by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from jobs.records import Result
from jobs.verify import verify_folder
from pipeline import provenance
from pipeline.catalog import digest
from pipeline.images import decode_image, encode_png
from pipeline.interiors.attributes import read
from pipeline.models.vae.files import load
from pipeline.models.vae.network import Vae
from pipeline.storage import StoreOptions
from tests.interiors.making import LATENT, photograph, write_designer
from tests.workers.farm import Farm

LIKED = torch.nn.functional.normalize(torch.arange(1.0, LATENT + 1), dim=0)
"""What somebody likes, as normal numbers."""


def job(**keys: object) -> str:
    return "\n".join(f"{key}: {value}" for key, value in keys.items())


def latents(folder: Path) -> dict[str, Tensor]:
    """What the designs of a folder say that they are of, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        told = provenance.latent_of(provenance.read(path.read_bytes()) or {})
        if told is not None:
            found[path.name] = torch.from_numpy(told)[None]
    return found


@pytest.fixture(scope="module")
def rated(shared_farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a designer, 60 of its designs and what somebody thinks of them."""
    folder = tmp_path_factory.mktemp("rated")
    model = write_designer(folder / "rooms.safetensors")
    text = job(kind="interiors", model=model, seeds="0-59", size=64, output=folder / "designs", truncation=1, settle=0)
    shared_farm.finish(shared_farm.submit(text))
    vae, chance = load(model), np.random.default_rng(1)
    rows = ["file,cosiness,luck"]
    for name, z in latents(folder / "designs/png").items():
        rows.append(
            f"{name},{3 + 2 * float(vae.normal(z)[0] @ LIKED) + chance.normal(0, 0.3):.3f},{chance.normal():.3f}"
        )
    (folder / "designs/png/a photograph.png").write_bytes(encode_png(photograph(90, 70)))
    whole = (folder / "designs/png/seed0000.png").read_bytes()
    (folder / "designs/png/without.png").write_bytes(encode_png(decode_image(whole)))
    # Its header is whole, so that only a worker finds out.
    plain = encode_png(photograph(100, 80))
    (folder / "designs/png/broken.png").write_bytes(plain[: len(plain) // 2])
    rows += ["a photograph.png,3,0", "broken.png,9,0"]
    (folder / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def learnt(shared_farm: Farm, rated: Path) -> Result:
    keys = {"images": rated / "designs/png", "labels": rated / "labels.csv", "output": rated / "taste"}
    text = job(kind="train-attributes", model=rated / "rooms.safetensors", name="taste", **keys)
    return shared_farm.finish(shared_farm.submit(text))


def test_directions_a_card_and_a_sheet_are_delivered(rated: Path, learnt: Result) -> None:
    made = {row.name: Path(row.url) for row in learnt.deliverables}
    assert set(made) == {"jpeg", "taste.safetensors", "taste.md", "contact-sheet"}
    found = read(made["taste.safetensors"], latent=LATENT, sha256=digest(rated / "rooms.safetensors"))
    assert found.names == ("cosiness", "luck")
    vae = load(rated / "rooms.safetensors")
    moved = _normal(vae, vae.centre + torch.from_numpy(found.values[:1]))
    assert _alike(moved, LIKED) > 0.95
    assert 0.7 < float(moved @ LIKED) < 1.3
    [sheet] = sorted((rated / "taste/jpeg").iterdir()) if made["jpeg"].is_dir() else [made["jpeg"]]
    assert decode_image(sheet.read_bytes()).shape[1] > 1000
    assert verify_folder(str(rated / "taste"), StoreOptions()).is_whole


def test_what_was_skipped_and_what_pictures_do_not_tell_is_said(learnt: Result) -> None:
    card = next(Path(row.url) for row in learnt.deliverables if row.name == "taste.md").read_text()
    assert "61 labelled and usable: designs 60, photographs 1" in card
    assert "not usable 1; without a row in labels.csv 1" in card
    assert "Pictures do not tell luck (R² " in card
    assert any(note.startswith("1 picture was skipped: broken.png: ") for note in learnt.notes)
    [untold] = [note for note in learnt.notes if note.startswith("pictures do not tell luck (R² ")]
    assert "cosiness" not in untold
    assert len(set(learnt.notes)) == len(learnt.notes)


def test_designs_are_edited_along_what_was_learnt(
    shared_farm: Farm, rated: Path, learnt: Result, tmp_path: Path
) -> None:
    vae, model = load(rated / "rooms.safetensors"), rated / "rooms.safetensors"
    keys = {"model": model, "seeds": "100-102", "size": 64, "attributes": rated / "taste/taste.safetensors"}
    for name, edit in (("as they are", "{}"), ("cosier", "{cosiness: 1.5}")):
        shared_farm.finish(shared_farm.submit(job(kind="interiors", output=tmp_path / name, edit=edit, **keys)))
    before, after = latents(tmp_path / "as they are/png"), latents(tmp_path / "cosier/png")
    for name, z in before.items():
        moved = _normal(vae, after[name]) - _normal(vae, z)
        assert _alike(moved, LIKED) > 0.95
        assert 1.0 < float(moved @ LIKED) < 2.0
        pictures = [
            decode_image((tmp_path / folder / "png" / name).read_bytes()) for folder in ("as they are", "cosier")
        ]
        assert np.abs(pictures[1].astype(int) - pictures[0]).mean() > 1


def _normal(vae: Vae, z: Tensor) -> Tensor:
    return vae.normal(z)[0]


def _alike(one: Tensor, other: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(one, other, 0))
