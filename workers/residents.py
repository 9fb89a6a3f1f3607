"""Models that stay in memory between chunks: the least recently used one leaves when room is short."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path, PurePosixPath

import torch

from jobs.kinds import resolve
from jobs.records import ModelRef
from pipeline.catalog import ARCHITECTURES, FOLDERS
from pipeline.device import lighten
from pipeline.errors import ModelError
from pipeline.scratch import scratch_folder
from pipeline.storage.base import Store
from pipeline.weights import verify

log = logging.getLogger(__name__)


class Residents:
    """The loaded models of one process, at most `budget_bytes` of parameters in all (but always the one in use)."""

    def __init__(self, store: Store, device: torch.device, *, budget_bytes: float) -> None:
        self._store = store
        self._device = device
        self._budget = budget_bytes
        self._models: OrderedDict[tuple[str, torch.dtype | None], torch.nn.Module] = OrderedDict()
        self._names: dict[str, str] = {}
        """Digest → name, of those that were ever here."""

    def get(self, ref: ModelRef, precision: torch.dtype | None = None) -> torch.nn.Module:
        """The model, loaded once and verified against its digest; float32 unless another precision is asked for.

        Raises: ModelError, IntegrityError, StorageUnavailable, ObjectNotFound.
        """
        key = ref.sha256, precision
        model = self._models.get(key)
        if model is None:
            model = self._load(ref, precision)
            if precision is not None and not ref.parts:
                lighten(model, precision)
            self._models[key] = model
            log.info("loaded %s (%s) on %s", PurePosixPath(ref.name).stem, ref.sha256[:12], self._device)
        self._models.move_to_end(key)
        # A checkpoint is known by its path, which is nobody's business.
        self._names[ref.sha256] = PurePosixPath(ref.name).stem
        self._make_room()
        return model

    @property
    def names(self) -> list[str]:
        """What is in memory, by name, the one used last first. From any thread."""
        digests = [digest for digest, _ in reversed(self._models.copy())]
        return list(dict.fromkeys(self._names[digest] for digest in digests if digest in self._names))

    def _load(self, ref: ModelRef, precision: torch.dtype | None) -> torch.nn.Module:
        if ref.entry not in (FOLDERS if ref.parts else ARCHITECTURES).values():
            # A plan comes from the store: it may choose among our loaders, and call nothing else.
            raise ModelError(f"{ref.name}: its loader {ref.entry!r} is none of this version of Atelier")

        load = resolve(ref.entry)
        with scratch_folder("model") as folder:
            path = folder if ref.parts else folder / Path(ref.weights).name
            for name, key, sha256 in _files(ref):
                self._store.download(key, _within(folder, name))
                verify(folder / name, sha256)
            try:
                # One in parts may be larger than memory if it were loaded whole first, and lightened then.
                return load(path, self._device, precision) if ref.parts else load(path, self._device)
            except ModelError as error:
                # The user knows the checkpoint by another name than our copy of it.
                raise ModelError(str(error).replace(str(path), ref.name)) from error

    def _make_room(self) -> None:
        while len(self._models) > 1 and sum(map(_bytes, self._models.values())) > self._budget:
            (digest, _), _ = self._models.popitem(last=False)
            log.info("unloaded %s", digest[:12])
            if self._device.type == "cuda":
                torch.cuda.empty_cache()


def _files(ref: ModelRef) -> list[tuple[str, str, str]]:
    """A model's files: name, key in the store, SHA-256."""
    parts = [(part.name, part.key, part.sha256) for part in ref.parts]
    return parts or [(Path(ref.weights).name, ref.weights, ref.sha256)]


def _within(folder: Path, name: str) -> Path:
    """Where a file goes, its folder made. A plan comes from the store: it may name no place outside."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts:
        raise ModelError(f"{name!r}: is no place in a model's folder")
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    return folder / path


def _bytes(model: torch.nn.Module) -> int:
    return sum(t.numel() * t.element_size() for t in (*model.parameters(), *model.buffers()))
