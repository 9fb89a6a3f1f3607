"""The film painter: decodes a chunk's frames ahead, paints them in batches, and gives pixels back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.film.decode import read_frames
from pipeline.film.source import Source
from pipeline.storage import StoreOptions
from pipeline.stream import Ahead, Stopwatch, spread, timed
from pipeline.tensors import to_pixels, to_tensor

Network = Callable[[Tensor], Tensor]
"""(N, 3, H, W) float32 in [0, 1], sRGB → the same shape and range."""


class FilmPainter:
    """Paints frames of one source. The network comes with each call, so that it can leave memory in between.

    Every batch has the same size, the last one padded, so that a frame's pixels do not depend on where its chunk ends.
    On a CPU several lanes paint a frame each, with one thread: no thread waits for another inside an operation.
    """

    def __init__(
        self,
        inputs: dict[str, Any],
        *,
        device: torch.device,
        batch: int,
        lanes: int,
        deep: bool,
        options: StoreOptions,
    ) -> None:
        """`inputs`: `source`, `offset`, `strength` and `size` of the plan. `lanes`: batches painted at once."""
        self._source = Source.model_validate(inputs["source"])
        self._offset = int(inputs["offset"])
        self._strength = float(inputs["strength"])
        self._size: int | None = inputs["size"]
        self._device = device
        self.batch = batch
        """Frames a batch; halves when memory runs out."""
        self._lanes = lanes
        self._deep = deep
        self._options = options

    def paint(self, model: Network, start: int, stop: int, watch: Stopwatch) -> Iterator[np.ndarray]:
        """Frames `[start, stop)` of the job, painted: (H, W, 3) uint8, or uint16 in deep jobs, RGB.

        Raises: MediaError if the source is damaged; TransientError if it cannot be reached;
        torch.OutOfMemoryError if not even one frame fits.
        """
        frames = read_frames(
            self._source,
            self._offset + start,
            self._offset + stop,
            size=self._size,
            deep=self._deep,
            options=self._options,
        )

        def paint(batch: list[np.ndarray]) -> list[np.ndarray]:
            with watch.time("model_s"):
                return self._paint_shrinking(model, batch)

        with Ahead(timed(frames, watch, "decode_s"), depth=2 * self.batch + 2, name="decode") as decoded:
            for painted in spread(paint, _same_size(decoded, self.batch), threads=self._lanes, name="paint"):
                yield from painted

    def _paint_shrinking(self, model: Network, waiting: list[np.ndarray]) -> list[np.ndarray]:
        """Paint a batch; on out-of-memory halve the batch size, for good, and try again."""
        done: list[np.ndarray] = []
        while waiting:
            now = waiting[: self.batch]
            try:
                done.extend(self._paint(model, now))
            except (torch.OutOfMemoryError, RuntimeError) as error:
                if not is_out_of_memory(error) or self.batch == 1:
                    raise
                self.batch = max(1, self.batch // 2)
                if self._device.type == "cuda":
                    torch.cuda.empty_cache()
            else:
                waiting = waiting[len(now) :]
        return done

    @torch.inference_mode()
    def _paint(self, model: Network, frames: list[np.ndarray]) -> Iterable[np.ndarray]:
        padding = [frames[-1]] * (self.batch - len(frames))
        content = to_tensor(np.stack(frames + padding), self._device)
        painted = blend(content, model(content), strength=self._strength) if self._strength > 0 else content
        return to_pixels(painted[: len(frames)], deep=self._deep)


def blend(content: Tensor, styled: Tensor, *, strength: float) -> Tensor:
    """Mix each styled frame back towards its original.

    Both (N, 3, H, W) float32 in [0, 1], sRGB; strength 0 keeps the content, 1 the style.
    """
    return styled if strength == 1 else content.lerp(styled, strength)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on a GPU or (where PyTorch says it with a plain RuntimeError) on a CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def _same_size(frames: Iterator[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    """Runs of at most `size` frames of one shape: pictures in a folder differ."""
    batch: list[np.ndarray] = []
    for frame in frames:
        if batch and (frame.shape != batch[0].shape or len(batch) == size):
            yield batch
            batch = []
        batch.append(frame)
    if batch:
        yield batch
