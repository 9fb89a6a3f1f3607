"""Which folders of this machine job files may name that come over HTTP. How they are held to them is in confine.py."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jobs.config import Settings
from jobs.confine import ANY, confined
from jobs.spec import JobText
from jobs.uploads import UPLOADS
from pipeline.storage import is_remote


@contextmanager
def held(config: Settings, store: str) -> Iterator[None]:
    """Within the block, job files may name the folders of `web_folders`, and uploads. `store`: its address."""
    with confined(_folders(config, store)):
        yield


def sent(text: str, config: Settings) -> JobText:
    """A job file that was sent. Relative paths in it are relative to the first folder that it may name."""
    listed = _listed(config)
    return JobText(text, Path(listed[0]) if listed else Path.cwd())


def _folders(config: Settings, store: str) -> Sequence[str]:
    if config.web_folders is None and not is_open(config):
        return ANY
    return [*_listed(config), *([] if is_remote(store) else [f"{store.rstrip('/')}/{UPLOADS}"])]


def _listed(config: Settings) -> list[str]:
    return [str(Path(each).expanduser()) for each in (config.web_folders or "").split(":") if each.strip()]


def is_open(config: Settings) -> bool:
    """Whether others than this machine's users reach the dashboard: it listens to them, or a proxy speaks for them."""
    if config.web_proxies:
        return True
    try:
        return not ipaddress.ip_address(config.web_host).is_loopback
    except ValueError:
        return config.web_host != "localhost"
