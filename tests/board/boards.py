"""Boards of small drawn rooms, and their PDFs read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pypdfium2

from pipeline.board.brief import BoardBrief, BoardStrip
from pipeline.board.make import Board, make

MODEL, SHA256 = "rooms-32", "0123456789abcdef" * 4


def picture(frame: int, width: int = 48, height: int = 32) -> np.ndarray:
    """Wall, floor and a sofa in colours of their own, (H, W, 3) uint8."""
    made = np.empty((height, width, 3), np.uint8)
    made[:] = (200 - frame * 7 % 60, 210, 190 + frame * 11 % 60)
    made[height * 2 // 3 :] = (150, 110 + frame * 5 % 40, 70)
    made[height // 2 : height * 3 // 4, width // 4 : width * 3 // 4] = (180, 60 + frame * 3 % 50, 40)
    return made


def brief(proposals: int, strips: int = 0, *, title: str = "A house by the sea", steps: int = 5) -> BoardBrief:
    """Strips' frames come after the proposals'."""
    begins = range(proposals, proposals + strips * steps, steps)
    return BoardBrief(
        title=title,
        subtitle="rooms-32 · truncation 0.7",
        proposals=tuple(range(proposals)),
        strips=tuple(
            BoardStrip(
                attribute=f"warmth {number}",
                of="seed0000",
                frames=tuple(range(begin, begin + steps)),
                amounts=tuple(float(amount) for amount in range(-(steps // 2), steps // 2 + 1)),
            )
            for number, begin in enumerate(begins)
        ),
    )


def board(made_of: BoardBrief) -> Board:
    """Of pictures as above."""
    return make(made_of, picture, lambda frame: f"seed{frame:04d}", model=MODEL, sha256=SHA256)


@contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """A PDF to look into."""
    document = pypdfium2.PdfDocument(data)
    try:
        yield document
    finally:
        document.close()


def texts(data: bytes) -> list[str]:
    """What each page of a PDF says."""
    found = []
    with opened(data) as document:
        for page in document:
            text = page.get_textpage()
            found.append(text.get_text_range())
            text.close()
            page.close()
    return found


def shown(data: bytes, number: int, dpi: float) -> np.ndarray:
    """A page of a PDF as a viewer shows it, (H, W, 3) uint8."""
    with opened(data) as document:
        page = document[number]
        bitmap = page.render(scale=dpi / 72)
        pixels = np.array(bitmap.to_pil().convert("RGB"))
        bitmap.close()
        page.close()
    return pixels
