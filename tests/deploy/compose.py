"""The compose file as Docker reads it: with profiles, and variables filled in. Only as much as ours needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

ENTRYPOINT = "atelier"
"""The Dockerfile's."""

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<rest>:[-+][^}]*)?\}")


@dataclass(frozen=True)
class Compose:
    """A compose file, and which of its profiles are on."""

    raw: dict[str, Any]
    """With `${VARIABLES}` as they are written."""
    profiles: frozenset[str] = frozenset()

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """What can be started."""
        return self.raw["services"]

    @property
    def started(self) -> dict[str, dict[str, Any]]:
        """What `docker compose up` starts."""
        on = self.profiles
        return {name: s for name, s in self.services.items() if "profiles" not in s or on & set(s["profiles"])}

    @property
    def lasting(self) -> dict[str, dict[str, Any]]:
        """What is started and stays."""
        return {name: s for name, s in self.started.items() if not s["restart"].startswith("on-failure")}

    @property
    def ours(self) -> dict[str, dict[str, Any]]:
        """What runs our image."""
        return {name: service for name, service in self.services.items() if "build" in service}

    def queues(self) -> set[str]:
        """The queues that a started worker serves."""
        commands = [s["command"] for s in self.started.values() if "worker" in s.get("command", [])]
        return {queue for command in commands for queue in command[command.index("--queues") + 1].split(",")}


def read_compose(*profiles: str) -> Compose:
    """docker-compose.yml with these profiles on."""
    return Compose(yaml.safe_load((ROOT / "docker-compose.yml").read_text()), frozenset(profiles))


def variables(node: Any) -> set[str]:
    """The names of the variables that a compose file asks its environment for."""
    if isinstance(node, dict):
        passed_on = {name for name, value in node.get("environment", {}).items() if value is None}
        return passed_on.union(*(variables(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(variables(item) for item in node))
    return {match["name"] for match in _VARIABLE.finditer(str(node))}


def environment(service: dict[str, Any], env: dict[str, str]) -> dict[str, str]:
    """A container's variables if Docker is started with `env`."""
    filled = {}
    for name, value in service.get("environment", {}).items():
        if value is not None:
            filled[name] = _VARIABLE.sub(lambda match: _value(match, env), str(value))
        elif name in env:
            filled[name] = env[name]
    return filled


def seconds(duration: str) -> int:
    """`1m30s` as 90."""
    return sum(int(n) * {"s": 1, "m": 60, "h": 3600}[unit] for n, unit in re.findall(r"(\d+)([smh])", duration))


def _value(match: re.Match[str], env: dict[str, str]) -> str:
    rest, value = match["rest"] or "", env.get(match["name"], "")
    if rest.startswith(":+"):
        return rest.removeprefix(":+") if value else ""
    return value or rest.removeprefix(":-")
