"""Which addresses webhooks may lead to: a job file's, only the internet's, unless the settings allow more."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.kinds.notify import Notify
from pipeline.addresses import Address, anywhere, check_address, is_public


def reach(url: str, config: Settings) -> Callable[[Address], bool]:
    """Which of the addresses that the host's name leads to may be connected to.

    Who sets Atelier up may name any; who writes job files could otherwise reach what only our machines do.
    """
    return anywhere if config.webhook_private == "on" or url == config.webhook_url else is_public


def check(notify: Notify | None, config: Settings) -> None:
    """Refuse what shows without asking anybody; what a name leads to shows when it is told.

    Raises: FieldProblem.
    """
    if notify is None or reach(notify.url, config) is anywhere:
        return
    host = (check_address(notify.url).hostname or "").rstrip(".").lower()
    if _is_private(host):
        what = "is this machine or in a private network; name a public address, or see ATELIER_WEBHOOK_PRIVATE"
        raise FieldProblem(("notify", "url"), f"notify: {host} {what}")


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False
