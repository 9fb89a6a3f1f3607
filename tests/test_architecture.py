"""Arrows point left, laptops need no GPU stack, and every registry row leads somewhere."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import av
import pytest

from jobs.kinds import KINDS, kind
from jobs.kinds.base import Kind
from pipeline.catalog import ARCHITECTURES, FOLDERS, MODELS, digest
from pipeline.film.deliverables import DELIVERABLES
from pipeline.retouch.edit import Edit
from pipeline.retouch.edits import EDITS
from pipeline.storage import STORES, Store

ROOT = Path(__file__).parents[1]

FORBIDDEN = {
    "pipeline": {"jobs", "workers", "celery", "kombu", "redis", "billiard"},
    "jobs": {"workers", "torch", "torchvision"},
    "workers": set[str](),
}
"""What each room never imports, at the top of a module or inside a function."""

TORCH_FREE = [
    *("errors", "catalog", "generators", "provenance", "storage", "storage.s3", "designers", "drawing.rooms"),
    *("film.probe", "film.source", "film.deliverables", "film.decode", "film.stitch", "film.clips"),
    *("artwork.recipe", "portraits.brief", "interiors.brief"),
    *("speech.brief", "speech.espeak", "speech.folder", "speech.captions", "speech.manifest", "speech.narration"),
    *("diffusion.brief", "diffusion.folder", "diffusion.hub", "diffusion.lora", "diffusion.single_file"),
    *("diffusion.controlnet", "diffusion.preprocess", "diffusion.outline", "diffusion.noise"),
    *("backgrounds.brief", "backgrounds.timing", "backgrounds.kept", "backgrounds.own", "backgrounds.painted"),
    *("motion.bvh_text", "motion.dataset", "motion.features", "motion.measures", "motion.opening", "motion.retarget"),
    *("motion.described", "motion.brief", "motion.performing", "motion.staging", "motion.view.stage"),
    *("film.edited_sound", "retouch.brief", "retouch.chain", "retouch.edits", "retouch.grain", "retouch.title"),
    *("typography.typeset", "typography.installed", "typography.ink", "poster.compose", "poster.template"),
]
"""Modules of `pipeline` that a submitter's laptop imports."""

MODULES = [path.relative_to(ROOT) for room in FORBIDDEN for path in sorted((ROOT / room).rglob("*.py"))]


def _imports(path: Path) -> Iterator[str]:
    """The first name of everything that a module imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def _resolve(entry: str) -> Any:
    module, _, name = entry.partition(":")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_arrows_point_left(module: Path) -> None:
    assert set(_imports(ROOT / module)) & FORBIDDEN[module.parts[0]] == set()


@pytest.mark.parametrize("room", FORBIDDEN)
def test_rooms_have_modules(room: str) -> None:
    assert any(module.parts[0] == room for module in MODULES)


def test_a_submitters_laptop_needs_no_torch() -> None:
    rooms = [".".join(path.with_suffix("").parts) for path in MODULES if path.parts[0] == "jobs"]
    names = [name.removesuffix(".__init__") for name in rooms] + [f"pipeline.{name}" for name in TORCH_FREE]
    script = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\n"
    script += "sys.exit(', '.join(sorted({'torch', 'torchvision', 'workers'} & set(sys.modules))) or 0)"
    done = subprocess.run([sys.executable, "-c", script, *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", KINDS)
def test_kinds_lead_to_a_kind_with_a_painter(name: str) -> None:
    row = kind(name)
    assert isinstance(row, Kind)
    assert callable(_resolve(row.painter))
    assert "kind" in row.spec.model_fields


@pytest.mark.parametrize("name", EDITS)
def test_edits_lead_to_an_edit(name: str) -> None:
    edit = _resolve(EDITS[name])
    assert issubclass(edit, Edit)
    assert edit.like.startswith(f"{name}: ")
    assert set(edit.files) <= set(edit.model_fields)


@pytest.mark.parametrize("scheme", STORES)
def test_stores_lead_to_a_store(scheme: str) -> None:
    assert issubclass(_resolve(STORES[scheme]), Store)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_architectures_lead_to_a_loader(name: str) -> None:
    assert callable(_resolve(ARCHITECTURES[name]))


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_lead_to_a_loader(name: str) -> None:
    assert callable(_resolve(FOLDERS[name]))


@pytest.mark.parametrize("name", MODELS)
def test_models_lead_to_a_loader_and_to_their_weights(name: str) -> None:
    model = MODELS[name]
    assert model.name == name
    assert callable(_resolve(model.entry))
    assert digest(model.path) == model.sha256


@pytest.mark.parametrize("name", DELIVERABLES)
def test_deliverables_lead_to_a_codec(name: str) -> None:
    row = DELIVERABLES[name]
    assert row.name == name
    assert row.suffix.startswith(".")
    assert not row.container or row.container in av.formats_available
    for codec in filter(None, (row.codec, row.audio_codec)):
        assert av.Codec(codec, "w").is_encoder
