"""Attributes learnt by the painter itself: from a folder or a bucket, and what it says where that cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.catalog import digest
from pipeline.errors import MediaError
from pipeline.interiors.attributes import read
from pipeline.models.vae.files import load
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions, open_store
from pipeline.stream import Stopwatch
from pipeline.training.attributes.brief import AttributesBrief
from pipeline.training.attributes.painter import AttributesPainter
from pipeline.training.material import mark
from tests.interiors.making import LATENT, write_design, write_designer
from tests.servers import S3Server

NAMES = tuple(f"{number}.png" for number in range(30))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A designer, and designs of its with one that nobody labelled."""
    made = tmp_path_factory.mktemp("taste")
    model, chance = write_designer(made / "rooms.safetensors"), np.random.default_rng(0)
    (made / "seen").mkdir()
    for name in (*NAMES, "unlabelled.png"):
        write_design(made / "seen" / name, model, chance.standard_normal(LATENT).astype(np.float32))
    return made


def asked(folder: Path, images: str = "") -> AttributesBrief:
    sizes = [(name, (folder / "seen" / name).stat().st_size) for name in NAMES]
    told = {"name": "taste", "model": "rooms", "latent": LATENT, "labels": "told.csv", "unlabelled": 1}
    return AttributesBrief(
        images=images or str(folder / "seen"),
        pictures=NAMES,
        images_mark=mark(sizes),
        **told,  # type: ignore[arg-type]
    )


def painted(
    folder: Path, brief: AttributesBrief, rows: str = "", options: StoreOptions | None = None
) -> dict[str, bytes]:
    """The products. Labels are the file's number, where `rows` says nothing else."""
    model, products = folder / "rooms.safetensors", dict[str, bytes]()
    text = rows or "file,order\n" + "".join(f"{name},{number}\n" for number, name in enumerate(NAMES))
    easel = Easel(
        device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=options or StoreOptions()
    )
    work = Work(
        start=0,
        stop=1,
        watch=Stopwatch(),
        model=lambda index: load(model),
        file=lambda index: text.encode(),
        model_digests=(f"pipeline.models.vae.files:load {digest(model)}",),
        deliver=products.__setitem__,
    )
    [sheet] = AttributesPainter(brief.to_json(), easel, deep=False).paint(work)
    assert sheet.dtype == np.uint8
    assert sheet.shape[0] % 2 == sheet.shape[1] % 2 == 0
    return products


def test_a_bucket_gives_the_same_as_a_folder(
    folder: Path, tmp_path: Path, moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = moto_s3.with_bucket()
    bucket.use(monkeypatch)
    store = open_store(bucket.url, bucket.options)
    for path in (folder / "seen").iterdir():
        store.put(f"seen/{path.name}", path.read_bytes())
    near = painted(folder, asked(folder))
    far = painted(folder, asked(folder, f"{bucket.url}/seen/"), options=bucket.options)
    assert far == near
    (tmp_path / "taste.safetensors").write_bytes(far["taste.safetensors"])
    sha256 = digest(folder / "rooms.safetensors")
    assert read(tmp_path / "taste.safetensors", latent=LATENT, sha256=sha256).names == ("order",)
    assert f"SHA-256 {sha256}" in far["taste.md"].decode()


def test_pictures_that_have_changed_since_are_not_learnt_from(folder: Path) -> None:
    with pytest.raises(MediaError, match="the photographs have changed since the job was planned; submit it again"):
        painted(folder, replace(asked(folder), images_mark="another"))
    with pytest.raises(MediaError, match=r"gone: no such folder on this worker"):
        painted(folder, replace(asked(folder), images=str(folder / "gone")))


def test_what_only_a_worker_sees_is_told_in_a_sentence(folder: Path) -> None:
    same = "file,order\n" + "".join(f"{name},3\n" for name in NAMES)
    with pytest.raises(MediaError, match=r"^told\.csv: 'order' is 3 for all 30 pictures; a column that does not vary"):
        painted(folder, asked(folder), same)
    few = replace(asked(folder), pictures=NAMES[:9])
    few = replace(few, images_mark=mark((name, (folder / "seen" / name).stat().st_size) for name in NAMES[:9]))
    with pytest.raises(MediaError, match="holds 9 labelled pictures that are usable, and 10 are the least"):
        painted(folder, few)
