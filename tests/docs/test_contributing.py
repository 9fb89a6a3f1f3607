"""CONTRIBUTING.md's code fits the interfaces: each piece is run, and used as the real thing would be."""

from __future__ import annotations

import inspect
import re
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from jobs.config import Settings
from jobs.kinds import KINDS
from jobs.spec import parse
from jobs.submit import plan_job
from pipeline.catalog import ARCHITECTURES, Model
from pipeline.errors import ModelError, ObjectNotFound
from pipeline.film import deliverables
from pipeline.film.encode import SegmentEncoder
from pipeline.painter import Easel, Work
from pipeline.storage import STORES, Store, StoreOptions
from pipeline.stream import Stopwatch
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "CONTRIBUTING.md"
SNIPPETS = {text.split("\n", 1)[0].removeprefix("# "): text for text in blocks(PAGE, "python")}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the piece of that file as a module which the registries find."""

    def run(path: str) -> ModuleType:
        entry = path.removesuffix(".py").replace("/", ".")
        module = ModuleType(entry)
        monkeypatch.setitem(sys.modules, entry, module)
        flags = annotations.compiler_flag
        exec(compile(SNIPPETS[path], path, "exec", flags, dont_inherit=True), module.__dict__)
        return module

    return run


def row_of(path: str, names: dict[str, Any]) -> Any:
    """The row that the piece ends with."""
    row = SNIPPETS[path][re.search(r"^(Model|Deliverable)\(", SNIPPETS[path], flags=re.MULTILINE).start() :]  # type: ignore[union-attr]
    exec(f"row = {row}", names)
    return names["row"]


def test_the_model_loads_paints_and_refuses_what_does_not_fit(load: Any, tmp_path: Path) -> None:
    module = load("pipeline/models/tint.py")
    save_file({"gain": torch.tensor([1.0, 0.5, 0.0])}, tmp_path / "a.safetensors")
    save_file({"other": torch.ones(3)}, tmp_path / "b.safetensors")
    painted = module.load(tmp_path / "a.safetensors")(torch.ones(2, 3, 4, 4))
    assert painted[0, :, 0, 0].tolist() == [1.0, 0.5, 0.0]
    with pytest.raises(ModelError):
        module.load(tmp_path / "b.safetensors")


def test_the_models_rows_are_rows() -> None:
    model = row_of("pipeline/catalog.py", {"Model": Model})
    assert (model.name, model.entry) == ("sepia", "pipeline.models.tint:load")
    assert model.entry in SNIPPETS["pipeline/catalog.py"].partition("Model(")[0]


def test_the_kind_plans_and_its_painter_paints(load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load("jobs/kinds/fade.py")
    load("pipeline/fade.py")
    monkeypatch.setitem(KINDS, "fade", re.findall(r'= "(.*)"', SNIPPETS["jobs/kinds/__init__.py"])[0])
    spec, located = parse("kind: fade\noutput: out/\nchunk: 10\n", path="fade.yaml", folder=tmp_path)
    plan = plan_job(spec, located, Settings())
    assert plan.chunks == ((0, 10), (10, 20), (20, 24))
    device, precision = torch.device("cpu"), torch.float32
    easel = Easel(device=device, precision=precision, batch=1, lanes=1, options=StoreOptions())
    painter = sys.modules["pipeline.fade"].FadePainter(plan.inputs, easel, deep=False)
    work = Work(start=0, stop=24, watch=Stopwatch())
    painted = [int(frame.max()) for frame in painter.paint(work)]
    assert (painted[0], painted[-1], painter.batch) == (0, 255, 1)


def test_the_deliverable_can_be_encoded() -> None:
    row = row_of("pipeline/film/deliverables.py", dict(vars(deliverables)))
    with SegmentEncoder(row, 256, 128, Fraction(24)) as encoder:
        encoder.write(np.zeros((128, 256, 3), np.uint16))
    assert len(encoder.close()) > 0


def test_the_store_keeps_the_interface_as_far_as_it_goes(load: Any) -> None:
    memory = load("pipeline/storage/memory.py").MemoryStore
    assert issubclass(memory, Store)
    shown = {name for name, value in vars(memory).items() if inspect.isfunction(value)} - {"__init__"}
    for method in shown:
        assert inspect.signature(getattr(memory, method)) == inspect.signature(getattr(Store, method))
    [rest] = re.findall(r"… and (.*?)\. The row", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert shown | set(re.findall(r"`(\w+)`", rest)) == Store.__abstractmethods__

    whole: Any = type("Whole", (memory,), dict.fromkeys(Store.__abstractmethods__ - shown))
    store = whole("memory://a", StoreOptions())
    assert [store.put_if_absent("a", b"1"), store.put_if_absent("a", b"1")] == [True, False]
    assert store.get("a") == b"1"
    with pytest.raises(ObjectNotFound):
        store.get("b")


def test_registries_that_the_page_names_are_dictionaries_of_entries() -> None:
    for registry in (KINDS, STORES, ARCHITECTURES):
        assert all(re.fullmatch(r"[\w.]+:\w+", entry) for entry in registry.values())


def test_make_targets_and_modules_that_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in (PAGE, ROOT / "README.md"):
        text = "\n".join(blocks(page, "sh"))
        for target in re.findall(r"^make ([a-z-]+)", text, flags=re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
        for module in re.findall(r"python -m (bench\.\w+)", text):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module
