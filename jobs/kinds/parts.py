"""The models and files of a plan that is put together of several parts: what two of them name is there once."""

from __future__ import annotations

from jobs.records import FileRef, ModelRef


class Parts:
    """Collects what a plan's workers need besides its inputs."""

    def __init__(self) -> None:
        self._models: list[ModelRef] = []
        self._files: list[FileRef] = []

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """For the plan's `models`."""
        return tuple(self._models)

    @property
    def files(self) -> tuple[FileRef, ...]:
        """For the plan's `files`."""
        return tuple(self._files)

    def model(self, ref: ModelRef) -> int:
        """The place of a model among all."""
        for place, known in enumerate(self._models):
            if (known.entry, known.sha256) == (ref.entry, ref.sha256):
                return place
        self._models.append(ref)
        return len(self._models) - 1

    def file(self, ref: FileRef) -> int:
        """The place of a file among all."""
        for place, known in enumerate(self._files):
            if known.sha256 == ref.sha256:
                return place
        self._files.append(ref)
        return len(self._files) - 1
