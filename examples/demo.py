"""`make demo`: a short film is drawn and painted, and portraits are made of numbers, through a real Redis, real Celery
workers and the stitcher."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from draw_film import draw_film

HERE = Path(__file__).parent

JOBS = ("demo.yaml", "portraits.yaml")


def main() -> int:
    """Draw `out/demo/moonlit_bay.mp4` and run both job files. Gives the exit code of the first that fails, or 0."""
    source = HERE.parent / "out" / "demo" / "moonlit_bay.mp4"
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        sys.stdout.write("drawing a short film …\n")
        sys.stdout.flush()
        draw_film(source)
    atelier = Path(sys.executable).parent / "atelier"
    for job in JOBS:
        if code := subprocess.run([str(atelier), "run", "--again", str(HERE / job)], check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
