"""The two kinds of farm: one that the drill brings along, and the user's own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from jobs.config import Settings, settings
from jobs.drill.clock import wrong_clock
from jobs.drill.farm import Farm
from jobs.drill.proxy import Proxy
from jobs.drill.redis_server import RedisServer
from jobs.drill.s3_server import BUCKET, borrowed_credentials, has_s3_server, s3_server
from pipeline.errors import ConfigError
from pipeline.storage import is_remote

EMBEDDED: dict[str, Any] = {
    "device": "cpu",
    "threads": 1,
    "lease_s": 3.0,
    "reconcile_s": 0.5,
    "published_s": 2.0,
    "soft_shutdown_s": 5.0,
    # Every round paints the same film, and is to paint it.
    "cache": "off",
    # A round may strike one chunk three times; that is no poison.
    "max_attempts": 8,
}
"""Settings of an embedded deployment: quick to notice, for a round should take seconds."""

_FOREIGN_REDIS = "Redis is not the drill's own, and `--deployment` never kills or empties another's"
_FOREIGN_STORE = "the store is no S3 server at an address of its own (s3_endpoint), so no proxy can stand before it"
_NO_MOTO = "no S3 server is installed for the drill; `pip install 'atelier[drill]'` brings one"
_NO_COMPILER = "there is no C compiler, which makes the library that puts a clock wrong"


@contextmanager
def embedded() -> Iterator[Farm]:
    """A farm of our own: Redis, S3 server, proxy, machines and reconciler, gone when the block ends.

    Raises: ConfigError without a redis-server; AtelierError if a part does not come up.
    """
    _check_system()
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="atelier-drill-", **_LENIENT)))
        lacks: dict[str, str] = {}
        clock = wrong_clock(folder)
        if clock is None:
            lacks["clock"] = _NO_COMPILER
        redis = parts.enter_context(closing(RedisServer(folder, clock)))
        values = EMBEDDED | {"redis_url": redis.url, "store": str(folder / "store")}
        proxy: Proxy | None = None
        if has_s3_server():
            endpoint = parts.enter_context(s3_server(folder))
            parts.enter_context(borrowed_credentials())
            proxy = parts.enter_context(closing(Proxy(endpoint)))
            values |= {"store": f"s3://{BUCKET}/store", "s3_endpoint": endpoint}
            values |= {"s3_addressing": "path", "s3_region": "us-east-1"}
        else:
            lacks["s3"] = _NO_MOTO
        environment = _own_environment(folder, values | ({"s3_endpoint": proxy.endpoint} if proxy else {}))
        # Neither the user's variables nor the user's file have a say.
        config = Settings.model_construct(**values)
        farm = Farm(folder, config, environment, redis=redis, proxy=proxy, lacks=lacks)
        yield parts.enter_context(closing(farm))


@contextmanager
def deployment() -> Iterator[Farm]:
    """The configured deployment, with machines and a reconciler of ours besides those that it has.

    Raises: ConfigError without a Redis; QueueUnavailable, AccessDenied, StorageUnavailable.
    """
    _check_system()
    config = settings()
    config.authenticated_redis_url()
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="atelier-drill-", **_LENIENT)))
        lacks = {"own-redis": _FOREIGN_REDIS, "clock": _FOREIGN_REDIS}
        environment = dict(os.environ)
        proxy: Proxy | None = None
        if is_remote(config.store) and config.s3_endpoint is not None:
            proxy = parts.enter_context(closing(Proxy(config.s3_endpoint)))
            environment |= {"ATELIER_S3_ENDPOINT": proxy.endpoint, "ATELIER_S3_ADDRESSING": "path"}
        else:
            lacks["s3"] = _FOREIGN_STORE
        farm = Farm(
            folder,
            config,
            environment | {"ATELIER_LOG": "INFO", "ATELIER_CACHE": "off"},
            redis=None,
            proxy=proxy,
            lacks=lacks,
        )
        parts.enter_context(closing(farm))
        farm.ledger.ping()
        yield farm


_LENIENT: dict[str, Any] = {"ignore_cleanup_errors": True}
"""A worker that was killed may have left a file behind that appears while we clean up."""


def _check_system() -> None:
    if sys.platform != "linux":
        raise ConfigError("`atelier drill` finds the processes that it kills in /proc, and so works on Linux only")


def _own_environment(folder: Path, values: Mapping[str, Any]) -> dict[str, str]:
    """This process's environment with these settings, and no others."""
    empty, scratch = folder / "settings.yaml", folder / "scratch"
    empty.touch()
    scratch.mkdir()
    kept = {name: value for name, value in os.environ.items() if not _is_setting(name)}
    ours = {f"ATELIER_{name.upper()}": str(value) for name, value in values.items()}
    return kept | ours | {"ATELIER_CONFIG": str(empty), "ATELIER_LOG": "INFO", "TMPDIR": str(scratch)}


def _is_setting(name: str) -> bool:
    return name.startswith("ATELIER_") and name.removeprefix("ATELIER_").lower() in Settings.model_fields
