"""`python -m pipeline.training.vae`."""

from __future__ import annotations

import sys

from pipeline.training.vae.cli import main

if __name__ == "__main__":
    sys.exit(main())
