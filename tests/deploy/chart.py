"""The Helm chart as Helm renders it: its own engine, in a library. No cluster is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.deploy.compose import ROOT

CHART = ROOT / "deploy/helm/atelier"
EXAMPLES = sorted((ROOT / "deploy/helm/values").glob("*.yaml"))
"""Values of ours, for deployments of several kinds."""

WORKERS = {"gpu", "cpu"}
OURS = {"gpu", "cpu", "reconciler", "scheduler", "web"}
"""The deployments that run our images."""

ROLE = "app.kubernetes.io/component"

Object = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """What Helm would send to a cluster."""

    objects: tuple[Object, ...]

    def all(self, kind: str) -> dict[str, Object]:
        """Objects of a kind by their roles, else by their names."""
        found = [made for made in self.objects if made["kind"] == kind]
        return {made["metadata"]["labels"].get(ROLE, made["metadata"]["name"]): made for made in found}

    def pods(self) -> dict[str, Object]:
        """Pod templates by role."""
        return {
            role: made["spec"]["template"]
            for kind in ("Deployment", "StatefulSet")
            for role, made in self.all(kind).items()
        }

    def settings(self, role: str) -> dict[str, str]:
        """The environment of a role's container, with where its secrets are."""
        [container] = self.pods()[role]["spec"]["containers"]
        [name] = [source["configMapRef"]["name"] for source in container["envFrom"]]
        shared = self.all("ConfigMap")[name]["data"]
        return shared | {row["name"]: row["value"] for row in container["env"]}


def release(values: Object | None = None) -> Release:
    """The release `film` in the namespace `studio`. Raises: helm_python.HelmError."""
    return _release(json.dumps(values or {}, sort_keys=True))


@cache
def _release(values: str) -> Release:
    import helm_python

    with helm_python.Chart.load(CHART) as chart:
        chart.validate_schema(json.loads(values))
        rendered = chart.render(json.loads(values), name="film", namespace="studio")
    return Release(tuple(_objects(rendered)))


def _objects(rendered: dict[str, str]) -> Iterator[Object]:
    for path, text in rendered.items():
        if path.endswith(".yaml"):
            yield from filter(None, yaml.load_all(text, Loader=_Loader))


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.1 as Kubernetes does, and minds what is written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise ValueError(f"written twice: {keys}")
        return super().construct_mapping(node, deep)
