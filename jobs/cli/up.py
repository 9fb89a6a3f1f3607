"""`atelier up`: all of a small farm on this machine, and its dashboard in the browser."""

from __future__ import annotations

import errno
import os
import secrets
import signal
import socket
import sys
import time
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.running import Workers

if TYPE_CHECKING:
    from jobs.cli import machine
    from jobs.config import Settings
    from jobs.upkeep import Child, Upkeep

_PORTS_TRIED = 50
_PAGE = "dashboard.html"
"""Leads the browser to the dashboard, with the token."""

_START_S = 60.0
_LOOK_EVERY_S = 0.25
_REDIS_EVERY_S = 3.0


def up(
    host: Annotated[
        str | None, typer.Option(help="Address to listen at; default the setting web_host.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65_535, help="Port; default the setting web_port, or the next free one.", show_default=False
        ),
    ] = None,
    workers: Workers = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
) -> None:
    """Start everything on this machine, Redis, workers, scheduler and dashboard, and open it in the browser.

    Ctrl-C ends it. Jobs that are not finished go on the next time.
    """
    from jobs.cli import machine
    from jobs.config import settings
    from jobs.upkeep import announced, running_up
    from pipeline.errors import ConfigError

    config = settings()
    if config.redis_url is not None:
        raise ConfigError(
            "ATELIER_REDIS_URL names a cluster, and `atelier up` is for this machine alone; unset it, or start "
            "`atelier web` and `atelier worker` for the cluster"
        )
    if (address := running_up()) is not None:
        _tell_running(address, no_open)
        return
    host = host or config.web_host
    port = _checked_port(host, port, config)
    address = f"http://{_shown(host)}:{port}"
    with announced(address) as is_ours:
        if not is_ours:
            _tell_running(running_up() or "", no_open)
            return
        with machine.place() as where:
            _run(where, host, port, address, workers=workers or machine.default_workers(), no_open=no_open)


def _run(where: machine.Place, host: str, port: int, address: str, *, workers: int, no_open: bool) -> None:
    from jobs.cli import show
    from jobs.local import socket_path
    from jobs.upkeep import Upkeep

    config, talk = where.session.config, show.talk()
    token = "" if config.web_tokens else secrets.token_hex(24)
    dashboard, *others = _children(config, host, port, token, workers)
    log = socket_path().with_name("up.log")
    with Upkeep([dashboard], log, lambda text: talk.print(f"[yellow]{text}[/]", soft_wrap=True)) as kept:
        try:
            # The others would only keep it from coming up.
            _wait_for_dashboard(kept, host, port)
            kept.children += others
            kept.look()
            _tell(where, kept, address, token, workers)
            if not no_open:
                _open(_leading_to(f"{address}/login#token={token}", log.parent) if token else address)
            _stay(kept)
        except KeyboardInterrupt:
            # Workers are given the time to hand their chunks back; impatience would lose that work.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            talk.print("[dim]stopping; jobs that are not finished go on when it is started again[/]", soft_wrap=True)
        finally:
            (log.parent / _PAGE).unlink(missing_ok=True)


def _children(config: Settings, host: str, port: int, token: str, workers: int) -> list[Child]:
    from jobs.local import environment_of
    from jobs.upkeep import Child

    assert config.redis_url is not None, "a place of our own has a Redis"
    environment = environment_of(config.redis_url)
    # Known to the dashboard alone, and gone with it.
    known = {"ATELIER_WEB_TOKENS": f"operator {_name()} {token}", "ATELIER_WEB_TOKENS_FILE": ""} if token else {}
    listening = {"ATELIER_WEB_HOST": host, "ATELIER_WEB_PORT": str(port)}
    return [
        Child("the dashboard", ["jobs.web.serve"], environment | listening | known),
        Child("the workers", ["workers.supervisor", "--concurrency", str(workers)], environment),
        Child("the reconciler", ["workers.reconcile"], environment),
        Child("the scheduler", ["workers.scheduler"], environment),
    ]


def _name() -> str:
    """What the operator of this run is called: this user, as far as a token's name may hold that."""
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "you"
    return name if name.isascii() and name.isalnum() else "you"


def _checked_port(host: str, port: int | None, config: Settings) -> int:
    """A port that can be listened at.

    Raises: ConfigError if one was asked for and is taken, or the host is none of this machine.
    """
    from pipeline.errors import ConfigError

    is_asked_for = port is not None or "web_port" in config.model_fields_set
    first = config.web_port if port is None else port
    for candidate in range(first, min(first + _PORTS_TRIED, 65_536)):
        if _is_free(host, candidate):
            return candidate
        if is_asked_for:
            raise ConfigError(
                f"port {candidate} is taken by another program on this machine; choose another with --port, or none "
                "for the next free one"
            )
    raise ConfigError(f"no port from {first} on is free on this machine; choose one with --port")


def _is_free(host: str, port: int) -> bool:
    """Whether a server could listen there. Raises: ConfigError if nobody could, at that host."""
    from pipeline.errors import ConfigError

    try:
        [family, kind, protocol, _, place] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        if error.errno == errno.EACCES:
            raise ConfigError(f"port {port}: this user may not listen there; choose one above 1023") from error
        raise ConfigError(f"{host} is no address of this machine; write 127.0.0.1, or 0.0.0.0 for all") from error
    return True


def _shown(host: str) -> str:
    """The host as a browser on this machine finds it."""
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _wait_for_dashboard(kept: Upkeep, host: str, port: int) -> None:
    """Raises: AtelierError with the log's end if it does not come up."""
    from http.client import HTTPConnection, HTTPException

    from pipeline.errors import AtelierError

    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        kept.look()
        connection = HTTPConnection(_shown(host).strip("[]"), port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(_LOOK_EVERY_S)
    raise AtelierError(f"the dashboard has not come up in {_START_S:.0f} s; {kept.end_of_log()}")


def _stay(kept: Upkeep) -> None:
    """Until Ctrl-C. Raises: KeyboardInterrupt; AtelierError if a process cannot be kept alive."""
    looked = time.monotonic()
    while True:
        time.sleep(_LOOK_EVERY_S)
        kept.look()
        if time.monotonic() - looked > _REDIS_EVERY_S:
            kept.look_at_redis()
            looked = time.monotonic()


def _tell(where: machine.Place, kept: Upkeep, address: str, token: str, workers: int) -> None:
    from rich.markup import escape

    from jobs.cli import show

    console = show.out()
    console.print("[bold green]✓[/] [bold]Atelier is up[/]")
    console.print()
    facts = [("dashboard", f"[link={address}]{address}[/]")]
    if token:
        # A log is no place for it.
        login = f"{address}/login#token={token}"
        facts.append(
            ("log in by", f"[link={login}]{login}[/]")
            if sys.stdout.isatty()
            else ("log in", "a terminal would show how; or set ATELIER_WEB_TOKENS to tokens of your own")
        )
    facts += [
        ("work", escape(where.session.config.store)),
        ("workers", f"{workers} on a machine without GPUs, else one for each GPU"),
        ("jobs", _jobs(where)),
        ("log", escape(str(kept.log))),
    ]
    for name, fact in facts:
        console.print(f"  [dim]{name:<11}[/]{fact}", soft_wrap=True)
    console.print()
    console.print("[dim]Ctrl-C ends it; jobs go on the next time.[/]")


def _jobs(where: machine.Place) -> str:
    """What there is to do from before."""
    truth = where.session.truth
    active = truth.active()
    paused = sum(truth.paused(job) for job in active)
    if not active:
        return "none to do; drop a job file on the page, or `atelier submit` one"
    goes = f"{len(active) - paused} to do"
    return f"{goes}, {paused} paused" if paused else goes


def _leading_to(address: str, folder: Path) -> str:
    """A page that only this user may read and that leads there: what stands on a command line, everybody may read."""
    page = folder / _PAGE
    page.unlink(missing_ok=True)
    with open(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        refresh = f'<meta http-equiv="refresh" content="0;url={escape(address)}">'
        file.write(f"<!doctype html><title>Atelier</title>{refresh}")
    return page.as_uri()


def _open(address: str) -> None:
    import webbrowser

    from jobs.cli import show

    if not webbrowser.open(address):
        show.talk().print("[dim]no browser could be opened here[/]")


def _tell_running(address: str, no_open: bool) -> None:
    from jobs.cli import show

    show.out().print(f"Atelier is up already, with this store; its dashboard is at {address}", soft_wrap=True)
    if address and not no_open:
        _open(address)
