"""`python -m pipeline.training.motion`."""

from __future__ import annotations

import sys

from pipeline.training.motion.cli import main

if __name__ == "__main__":
    sys.exit(main())
