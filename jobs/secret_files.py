"""Secrets that lie in files: ATELIER_REDIS_PASSWORD_FILE names the file whose content is ATELIER_REDIS_PASSWORD.

That is how Docker and Kubernetes hand secrets to a container: a file is in no environment, so in no crash report and no
`docker inspect`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from pipeline.errors import ConfigError

LONGEST = 65_536
"""Bytes that a secret may have; a file that is larger was named by mistake."""


class SecretFiles(PydanticBaseSettingsSource):
    """The settings that a variable of the environment, named after them and ending in `_FILE`, has the file of."""

    def __init__(self, settings: type[BaseSettings], names: Iterable[str]) -> None:
        super().__init__(settings)
        self._names = tuple(names)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """One setting; None if no file is named for it. Raises: ConfigError."""
        return (read_secret(variable_of(field_name)) if field_name in self._names else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All that have a file. Raises: ConfigError."""
        found = {name: read_secret(variable_of(name)) for name in self._names}
        return {name: secret for name, secret in found.items() if secret is not None}


def variable_of(name: str) -> str:
    """The variable of a setting."""
    return f"ATELIER_{name.upper()}"


def read_secret(variable: str) -> str | None:
    """What the file that `<variable>_FILE` names holds, without white space around it; None if none is named.

    Raises: ConfigError if the variable itself is set as well, or the file is missing, empty or no text. What it holds
    is never repeated.
    """
    named = os.environ.get(f"{variable}_FILE")
    if not named:
        return None
    where = f"{variable}_FILE: {named}"
    if os.environ.get(variable):
        raise ConfigError(f"{where}: {variable} is set as well; take one of the two out of the environment")
    try:
        with Path(named).expanduser().open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise ConfigError(f"{where}: cannot be read: {error.strerror}; name a file that holds the secret") from error
    if len(content) > LONGEST:
        raise ConfigError(f"{where}: has more than {LONGEST:,} bytes; name a file that holds the secret")
    try:
        secret = content.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: is no text in UTF-8; name a file that holds the secret") from error
    if not secret:
        raise ConfigError(f"{where}: is empty; write the secret into it")
    return secret


__all__ = ["SecretFiles", "read_secret", "variable_of"]
