"""When Ctrl-C, `kill` and a closed terminal may be heard."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a command early."""


@contextmanager
def held_back() -> Iterator[None]:
    """Hear an interrupt when the block ends rather than inside it.

    Popen with a `preexec_fn` runs Python's callbacks around fork(), and an exception that a signal's handler raises in
    one of those is printed and lost. A mask would not do: numpy's threads would take the signal in our stead, and a
    child would inherit it. Handlers are not inherited through exec(), and ours runs wherever the signal arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        # Handlers run in the main thread only.
        yield
        return
    heard: list[int] = []
    before = {number: signal.getsignal(number) for number in ENDINGS}
    handled = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    for number in handled:
        signal.signal(number, lambda arrived, _: heard.append(arrived))
    try:
        yield
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
        if heard:
            signal.raise_signal(heard[0])


@contextmanager
def orderly_end() -> Iterator[None]:
    """A terminal that closes, or a `kill`, ends the block as Ctrl-C does: so that it leaves no process behind."""
    before = {number: signal.getsignal(number) for number in ENDINGS}
    for number in ENDINGS:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
