"""How clients of a `rediss://` Redis know that it is the right one: its certificate, and its host name, are checked."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

from jobs.config import Settings
from pipeline.errors import ConfigError

_AUTHORITY, _CERTIFICATE, _KEY = "redis_ca", "redis_certificate", "redis_key"


def tls_options(config: Settings) -> dict[str, Any]:
    """What redis-py and kombu are given besides the address; empty unless that begins with `rediss://`.

    Raises: ConfigError if a file that the settings name is none, or holds something else.
    """
    if not (config.redis_url or "").startswith("rediss://"):
        return {}
    authority, certificate, key = (_file(config, name) for name in (_AUTHORITY, _CERTIFICATE, _KEY))
    options: dict[str, Any] = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    if authority is not None:
        _check(_AUTHORITY, authority, lambda context: context.load_verify_locations(authority))
        options["ssl_ca_certs"] = str(authority)
    if key is not None and certificate is None:
        raise ConfigError("ATELIER_REDIS_KEY is of a certificate; name that in ATELIER_REDIS_CERTIFICATE")
    if certificate is not None:
        # An encrypted key would have OpenSSL ask at the terminal; nobody sits there.
        _check(_CERTIFICATE, certificate, lambda context: context.load_cert_chain(certificate, key, lambda: b""))
        options |= {"ssl_certfile": str(certificate)} | ({} if key is None else {"ssl_keyfile": str(key)})
    return options


def _file(config: Settings, name: str) -> Path | None:
    path = getattr(config, name)
    if path is None:
        return None
    path = Path(os.path.expanduser(path))
    if not path.is_file():
        raise ConfigError(f"{_variable(name)}: {path} is no file; name one in PEM format")
    return path


def _check(name: str, path: Path, load: Any) -> None:
    try:
        load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    except (OSError, ValueError) as error:
        what = "certificates" if name == _AUTHORITY else "a certificate and its key, unencrypted"
        raise ConfigError(f"{_variable(name)}: {path} holds no {what}; give PEM as OpenSSL writes it") from error


def _variable(name: str) -> str:
    return f"ATELIER_{name.upper()}"
