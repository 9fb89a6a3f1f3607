"""`make demo`: draws a short film and has it painted, through a real Redis, real Celery workers and the stitcher."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from draw_film import draw_film

HERE = Path(__file__).parent


def main() -> int:
    """Draw `out/demo/moonlit_bay.mp4` and run examples/demo.yaml on it. Gives the command's exit code."""
    source = HERE.parent / "out" / "demo" / "moonlit_bay.mp4"
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        sys.stdout.write("drawing a short film …\n")
        sys.stdout.flush()
        draw_film(source)
    atelier = Path(sys.executable).parent / "atelier"
    return subprocess.run([str(atelier), "run", "--again", str(HERE / "demo.yaml")], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
