"""`python -m pipeline.training.gan`."""

import sys

from pipeline.training.gan.cli import main

if __name__ == "__main__":
    sys.exit(main())
