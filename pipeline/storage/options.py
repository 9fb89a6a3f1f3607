"""How stores are reached. Secrets are not here: they come from AWS's own chain (AWS_* variables, a profile, a role)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

MIB = 1 << 20
_SMALLEST_PART = 5 * MIB  # S3's own minimum for every part but the last


@dataclass(frozen=True, kw_only=True)
class StoreOptions:
    """Everything about reaching a store except its address and its secrets. A local folder needs none of it.

    Raises: ConfigError for a value that cannot work.
    """

    endpoint_url: str | None = None
    """`http(s)://host[:port]` of an S3 server; None for AWS, or what AWS_ENDPOINT_URL says."""
    link_endpoint_url: str | None = None
    """The same server as links name it, for people to whom it has another address; None for `endpoint_url`."""
    region: str | None = None
    """None for what AWS_DEFAULT_REGION or the profile says, else us-east-1."""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    """Where the bucket stands in a request: in the path, or in the host's name."""
    threads: int = 16
    """How many threads share one store: the size of its connection pool, and of a multipart transfer."""
    attempts: int = 5
    """Tries per request, with exponential backoff and jitter between them."""
    connect_timeout_s: float = 10
    read_timeout_s: float = 60
    part_bytes: int = 16 * MIB
    """Objects above this size travel in parts of this size."""
    page_keys: int = 1000
    """Keys per page of a listing."""
    checksums: Literal["when_supported", "when_required"] = "when_supported"
    """Whether requests and answers carry a CRC. A server that refuses them is noticed, and gets none."""
    atomic_create: bool = True
    """False where `creates_atomically` found that this server lets several racing creators win."""

    def __post_init__(self) -> None:
        for url in (self.endpoint_url, self.link_endpoint_url):
            if url is not None:
                _check_endpoint(url)
        if self.part_bytes < _SMALLEST_PART:
            raise ConfigError(f"part_bytes is {self.part_bytes}; S3 takes parts of at least {_SMALLEST_PART} bytes")
        for name in ("threads", "attempts", "page_keys", "connect_timeout_s", "read_timeout_s"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be above 0")


def _check_endpoint(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError("the S3 endpoint is no address; write http://host:port or https://host") from error
    if parts.username is not None or parts.password is not None:
        # Not echoed: it may hold a password.
        raise ConfigError(
            "the S3 endpoint holds a user name; leave only https://host[:port] and put the credentials into "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        # Nor is this: without a scheme, whatever stands before an @ looks like a path.
        raise ConfigError("the S3 endpoint is no address; write http://host:port or https://host")
