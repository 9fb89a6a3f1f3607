"""The page of fonts and scripts can be made, with fonts of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.typography import shipped
from pipeline.typography.specimen import main


def test_the_specimen_shows_fonts_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "own.ttf").write_bytes(shipped.files("Noto Sans Hebrew")[0].read())
    main([str(tmp_path / "page.png"), "--fonts", str(tmp_path)])
    page = np.asarray(Image.open(tmp_path / "page.png").convert("L"))
    assert page.shape[1] == 1540
    assert page.min() < 40 < 240 < page.max()
