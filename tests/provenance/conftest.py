"""What the tests of signatures share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.provenance.signing import Signing
from tests.provenance.authorities import Authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Who vouches for the tests' certificates."""
    return Authority.made()


@pytest.fixture(scope="session")
def signing(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Signing:
    """A certificate that is right in every way."""
    folder: Path = tmp_path_factory.mktemp("signing")
    return authority.signing(folder)
