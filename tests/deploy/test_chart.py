"""The Helm chart says what the code can do and what a cluster takes. Helm's own engine renders it, for no cluster."""

from __future__ import annotations

import copy
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from jsonschema import Draft202012Validator, ValidationError

from jobs.config import SECRETS, Settings, settings
from jobs.ledger import QUEUES
from tests.deploy.chart import CHART, EXAMPLES, OURS, ROLE, WORKERS, Object, Release, release
from tests.deploy.compose import ENTRYPOINT, ROOT, read_compose
from tests.deploy.custom_resources import SCHEMAS
from tests.deploy.secrets import made_secrets

helm_python = pytest.importorskip("helm_python")
kubernetes_validate = pytest.importorskip("kubernetes_validate")

PARTS: dict[str, Object] = {
    "default": {},
    "all": {
        "copyKey": True,
        "env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
        "media": "films",
        "mounts": [
            {"path": "/srv/signing", "secret": "signing", "roles": ["gpu", "cpu"]},
            {"path": "/srv/fonts", "claim": "fonts"},
            {"path": "/srv/authorities", "configMap": "authorities"},
        ],
        "gpu": {"runtimeClassName": "nvidia"},
        "monitoring": {"enabled": True, "labels": {"release": "prometheus"}},
        "web": {"ingress": {"enabled": True}},
        "image": {"pullSecrets": [{"name": "registry"}]},
        "priority": {"control": "high", "work": "low"},
    },
    "none": {
        "keda": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "store": {"credentials": False},
        "redis": {"enabled": False},
        "settings": {"REDIS_URL": "rediss://queue.example.com:6379/0"},
    },
} | {path.stem: yaml.safe_load(path.read_text()) for path in EXAMPLES}


@pytest.fixture(params=PARTS, scope="module")
def made(request: pytest.FixtureRequest) -> Release:
    """The release with the chart's own values, with all parts on, with all off, and with our examples' values."""
    return release(PARTS[request.param])


def container(pod: Object) -> Object:
    """Its only one."""
    [only] = pod["spec"]["containers"]
    return only


def test_helm_finds_nothing_to_mend() -> None:
    for values in PARTS.values():
        report = helm_python.lint(CHART, values, strict=True)
        worse = [said for said in report["messages"] if said["severity"] > 1]
        assert (worse, report["errors"]) == ([], [])


@pytest.fixture(scope="module", autouse=True)
def _schemas_are_read_once() -> Iterator[None]:
    utils = kubernetes_validate.utils
    before, utils.schema_contents = utils.schema_contents, cache(utils.schema_contents)
    yield
    utils.schema_contents = before


def test_every_object_follows_its_schema(made: Release) -> None:
    for thing in made.objects:
        schema = SCHEMAS.get((thing["apiVersion"], thing["kind"]))
        if schema is not None:
            Draft202012Validator(schema).validate(thing)
        else:
            kubernetes_validate.validate(thing, "1.37", strict=True)


def test_the_oldest_cluster_that_is_taken_knows_every_field() -> None:
    for thing in release(PARTS["all"]).objects:
        if (thing["apiVersion"], thing["kind"]) not in SCHEMAS:
            kubernetes_validate.validate(thing, "1.30", strict=True)


def test_what_a_cluster_does_not_know_is_found() -> None:
    made = copy.deepcopy(release().all("Deployment")["web"])
    container(made["spec"]["template"])["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(made, "1.37", strict=True)
    made = copy.deepcopy(release().all("ScaledObject")["gpu"])
    made["spec"]["cooldownPriod"] = 300
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMAS["keda.sh/v1alpha1", "ScaledObject"]).validate(made)


def test_a_cluster_older_than_the_fields_in_use_is_refused() -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"] == ">=1.30.0-0"


def test_nothing_is_named_twice(made: Release) -> None:
    names = [(thing["kind"], thing["metadata"]["name"]) for thing in made.objects]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"gpus": {}}, "gpus"),
        ({"gpu": {"scale": {"min": -1}}}, "min"),
        ({"settings": {"WINDOW": 3}}, "WINDOW"),
        ({"settings": {"REDIS_PASSWORD": "hunter2"}}, "REDIS_PASSWORD"),
        ({"env": {"ATELIER_WINDOW": "3"}}, "ATELIER_WINDOW"),
        ({"image": {"cpu": "atelier"}}, "image/cpu"),
        ({"redis": {"enabled": False}}, "settings.REDIS_URL"),
        ({"settings": {"REDIS_URL": "redis://elsewhere:6379/0"}}, "set redis.enabled to false"),
        ({"gpu": {"scale": {"min": 9}}}, "gpu.scale.min, 9, is more than gpu.scale.max, 8"),
        ({"cpu": {"scale": {"min": 5}}}, "cpu.scale.max"),
        ({"graceSeconds": 55}, f"more than settings.SOFT_SHUTDOWN_S, {Settings().soft_shutdown_s:g}, and"),
        ({"settings": {"SOFT_SHUTDOWN_S": "65.5"}}, "graceSeconds, 75"),
        ({"networkPolicy": {"clients": [{}]}}, "clients/0"),
        ({"mounts": [{"path": "/srv/a", "secret": "a", "claim": "a"}]}, "mounts/0"),
        ({"mounts": [{"path": "srv", "secret": "a"}]}, "mounts/0/path"),
        ({"mounts": [{"path": "/srv/a", "secret": "a", "roles": ["redis"]}]}, "mounts/0/roles"),
    ],
)
def test_wrong_values_are_refused_by_name(values: Object, said: str) -> None:
    with pytest.raises(helm_python.HelmError) as caught:
        release(values)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_versions_and_images_are_those_of_the_package() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    compose = read_compose().services
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["image"]["cuda"] == compose["gpu"]["image"] == f"atelier:{chart['appVersion']}"
    assert values["image"]["cpu"] == compose["web"]["image"]
    assert values["redis"]["image"] == compose["redis"]["image"]
    images = {"redis": values["redis"]["image"], "gpu": values["image"]["cuda"]}
    for role, pod in release().pods().items():
        assert container(pod)["image"] == images.get(role, values["image"]["cpu"]), role


def test_every_role_runs_a_command_of_ours(made: Release) -> None:
    from jobs.cli.app import app

    group: Any = typer.main.get_command(app)
    assert set(made.pods()) - {"redis"} == OURS
    for role in OURS:
        arguments = container(made.pods()[role])["args"]
        with group.make_context(ENTRYPOINT, list(arguments)) as context:
            name, command, rest = group.resolve_command(context, list(arguments))
            command.make_context(name, rest, parent=context).close()
    served = [container(made.pods()[role])["args"][-1] for role in sorted(WORKERS)]
    assert set(served) == set(QUEUES)


def test_every_variable_is_a_setting_and_all_are_valid(made: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"ATELIER_{name.upper()}" for name in Settings.model_fields}
    known |= {f"ATELIER_{name.upper()}_FILE" for name in SECRETS}
    for role in OURS:
        found = made.settings(role)
        assert {name for name in found if name.startswith("ATELIER_")} <= known, role
        with monkeypatch.context() as patch:
            for name, value in found.items():
                path = made_secrets() / Path(value).name.replace("copy_key", "webhook_secret")
                patch.setenv(name, str(path) if value.startswith("/etc/atelier/") else value)
            settings.cache_clear()
            assert settings().authenticated_redis_url()
            assert (settings().web_tokens is not None) == (role == "web")


def test_services_of_the_cluster_set_none_of_our_settings(made: Release) -> None:
    """The Service film-web would set FILM_WEB_PORT; that of a release `atelier`, ATELIER_WEB_PORT."""
    assert all(pod["spec"]["enableServiceLinks"] is False for pod in made.pods().values())


def test_secrets_are_files_of_the_script_and_each_is_mounted_where_it_is_named(made: Release) -> None:
    files = {path.name for path in made_secrets().iterdir()} | {"copy_key"}
    for role, pod in made.pods().items():
        [volume] = [volume["secret"] for volume in pod["spec"]["volumes"] if volume["name"] == "secrets"]
        assert volume["defaultMode"] == 0o440
        mounted = {item["path"] for item in volume["items"]}
        assert all(item["key"] == item["path"] for item in volume["items"])
        assert mounted <= files, role
        named = {Path(row["value"]).name for row in container(pod)["env"] if row["name"].endswith("_FILE")}
        assert named == mounted, role


def test_no_secret_is_in_an_environment_or_in_what_helm_keeps(made: Release) -> None:
    assert not made.all("Secret")
    assert all("valueFrom" not in row for pod in made.pods().values() for row in container(pod)["env"])


def test_every_volume_is_mounted_and_every_mount_has_one(made: Release) -> None:
    for kind in ("Deployment", "StatefulSet"):
        for role, thing in made.all(kind).items():
            pod = thing["spec"]["template"]
            claims = {claim["metadata"]["name"] for claim in thing["spec"].get("volumeClaimTemplates", [])}
            volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
            assert volumes | claims == {mount["name"] for mount in container(pod)["volumeMounts"]}, role


def test_further_files_are_seen_read_only_by_those_who_need_them() -> None:
    seen = {
        role: {mount["mountPath"] for mount in container(pod)["volumeMounts"] if mount["name"].startswith("mount-")}
        for role, pod in release(PARTS["all"]).pods().items()
    }
    common = {"/srv/fonts", "/srv/authorities"}
    of_workers = {role: common | {"/srv/signing"} for role in WORKERS}
    assert seen == dict.fromkeys(OURS, common) | of_workers | {"redis": set()}
    for pod in release(PARTS["all"]).pods().values():
        mounts = container(pod)["volumeMounts"]
        assert all(mount["readOnly"] for mount in mounts if mount["mountPath"].startswith("/srv/"))


def test_a_runtime_is_named_for_gpu_workers_alone_where_one_is_needed() -> None:
    named = {role: pod["spec"].get("runtimeClassName") for role, pod in release(PARTS["all"]).pods().items()}
    assert {role for role, name in named.items() if name} == {"gpu"}
    assert "runtimeClassName" not in release().pods()["gpu"]["spec"]


def test_selectors_find_their_own_pods_and_no_others(made: Release) -> None:
    labels = {role: pod["metadata"]["labels"] for role, pod in made.pods().items()}
    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget", "Service", "ServiceMonitor"):
        for role, thing in made.all(kind).items():
            selector = thing["spec"]["selector"]
            wanted = selector if kind == "Service" else selector["matchLabels"]
            assert [name for name, has in labels.items() if wanted.items() <= has.items()] == [role], kind


def test_no_container_may_do_what_it_need_not(made: Release) -> None:
    for role, pod in made.pods().items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, role
        assert spec["securityContext"]["runAsNonRoot"] is True, role
        assert spec["securityContext"]["runAsUser"] > 0, role
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, role
        assert container(pod)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, role
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            assert name not in spec, role


def test_every_container_says_what_it_takes(made: Release) -> None:
    for role, pod in made.pods().items():
        resources = container(pod)["resources"]
        assert set(resources["requests"]) == {"cpu", "memory"}, role
        assert "memory" in resources["limits"], role
        for volume in pod["spec"]["volumes"]:
            assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"], role


def test_a_gpu_is_asked_for_by_the_gpu_workers_alone(made: Release) -> None:
    asking = [role for role, pod in made.pods().items() if "nvidia.com/gpu" in container(pod)["resources"]["limits"]]
    assert asking == ["gpu"]
    [toleration] = [row for row in made.pods()["gpu"]["spec"]["tolerations"] if row["key"] == "nvidia.com/gpu"]
    assert toleration["effect"] == "NoSchedule"


def test_a_stopping_worker_has_time_to_hand_its_chunk_back(made: Release) -> None:
    for role in WORKERS:
        soft_s = float(made.settings(role).get("ATELIER_SOFT_SHUTDOWN_S", Settings().soft_shutdown_s))
        assert made.pods()[role]["spec"]["terminationGracePeriodSeconds"] > soft_s + 10


def test_probes_ask_what_is_there(made: Release) -> None:
    for role, pod in made.pods().items():
        asked = container(pod)["readinessProbe"]
        if role == "redis":
            assert asked["exec"]["command"] == ["sh", "/etc/atelier/ping.sh"]
        elif role == "web":
            # With Redis away, somebody must be there to say so.
            assert asked["httpGet"]["path"] == "/healthz"
            assert container(pod)["livenessProbe"]["httpGet"]["path"] == "/healthz"
        else:
            kind = ["worker", role] if role in WORKERS else [role]
            assert asked["exec"]["command"] == ["python", "/opt/atelier/container/health.py", *kind]
            # They ask Redis: whoever waits for it is not ended for that.
            assert "livenessProbe" not in container(pod)


def test_workers_scale_by_what_the_dashboard_says_waits(made: Release) -> None:
    scaled = made.all("ScaledObject")
    if not scaled:
        assert all(made.all("Deployment")[role]["spec"]["replicas"] >= 1 for role in WORKERS)
        return
    service = made.all("Service")["web"]
    [login] = made.all("TriggerAuthentication").values()
    [token] = login["spec"]["secretTargetRef"]
    assert token["key"] in {path.name for path in made_secrets().iterdir()}
    for role in WORKERS:
        spec = scaled[role]["spec"]
        # Else every upgrade of the release would undo what KEDA did.
        assert "replicas" not in made.all("Deployment")[role]["spec"]
        assert spec["scaleTargetRef"]["name"] == made.all("Deployment")[role]["metadata"]["name"]
        assert spec["minReplicaCount"] < spec["maxReplicaCount"]
        [trigger] = spec["triggers"]
        host = f"{service['metadata']['name']}.studio.svc:{service['spec']['ports'][0]['port']}"
        assert trigger["metadata"]["url"] == f"http://{host}/api/v1/backlog"
        assert trigger["metadata"]["valueLocation"] == f"{role}.chunks"
        assert trigger["metadata"]["authMode"] == "bearer"
        assert trigger["authenticationRef"]["name"] == login["metadata"]["name"]


def test_a_dashboard_that_does_not_answer_ends_no_worker() -> None:
    scaled = release().all("ScaledObject")
    assert scaled["gpu"]["spec"]["minReplicaCount"] == 0
    assert "fallback" not in scaled["gpu"]["spec"]
    assert scaled["cpu"]["spec"]["fallback"]["replicas"] == 1


def test_gpu_workers_leave_when_nothing_waits() -> None:
    assert release().all("ScaledObject")["gpu"]["spec"]["minReplicaCount"] == 0


def test_who_is_closed_in_talks_as_the_policies_say_and_not_otherwise() -> None:
    policies = release().all("NetworkPolicy")
    assert set(policies) == {"film-closed", "film-work", "web", "redis"}
    assert policies["film-closed"]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(policies["film-closed"]["spec"])
    work = policies["film-work"]["spec"]
    assert work["podSelector"]["matchExpressions"] == [{"key": ROLE, "operator": "NotIn", "values": ["redis"]}]
    reached = [block["ipBlock"] for rule in work["egress"] for block in rule["to"] if "ipBlock" in block]
    assert {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]} in reached
    [rule] = policies["redis"]["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 6379}]
    [rule] = policies["web"]["spec"]["ingress"]
    assert all(set(source) == {"namespaceSelector"} for source in rule["from"])


def test_a_list_of_none_lets_nobody_through() -> None:
    """Kubernetes reads a rule without `from` or `ports` as one for everybody and every port."""
    closed = {"store": {"ports": []}, "networkPolicy": {"clients": [], "ports": []}}
    for values in ({}, closed):
        for policy in release(values).all("NetworkPolicy").values():
            for rule in policy["spec"].get("egress", []) + policy["spec"].get("ingress", []):
                assert rule["ports"]
                assert rule.get("to") or rule.get("from")
    policies = release(closed).all("NetworkPolicy")
    assert "ingress" not in policies["web"]["spec"]
    reached = {port["port"] for rule in policies["film-work"]["spec"]["egress"] for port in rule["ports"]}
    assert reached == {53, 6379}


def test_what_settings_name_is_reached_where_it_usually_listens() -> None:
    rules = release().all("NetworkPolicy")["film-work"]["spec"]["egress"]
    assert {80, 443, 4318, 8333, 11434} <= {port["port"] for rule in rules for port in rule["ports"]}
    rules = release({"networkPolicy": {"ports": [4317]}}).all("NetworkPolicy")["film-work"]["spec"]["egress"]
    assert {port["port"] for rule in rules for port in rule["ports"]} == {53, 443, 4317, 6379, 8333}


def test_a_drain_takes_some_and_not_all(made: Release) -> None:
    budgets = made.all("PodDisruptionBudget")
    assert set(budgets) == OURS
    for role, budget in budgets.items():
        most = budget["spec"]["maxUnavailable"]
        assert most == ("50%" if role in WORKERS else 1)


def test_redis_starts_from_the_scripts_of_the_compose_file() -> None:
    scripts = release().objects
    [mounted] = [
        made["data"] for made in scripts if (made["kind"], made["metadata"]["name"]) == ("ConfigMap", "film-redis")
    ]
    assert mounted == {path.name: path.read_text() for path in (ROOT / "deploy/redis").iterdir()}


def test_alerts_are_those_of_the_compose_file() -> None:
    rules = release(PARTS["all"]).all("PrometheusRule")["web"]["spec"]
    assert rules == yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    # Whatever Prometheus fills in is not for Helm to.
    assert "{{ $labels.queue }}" in str(rules)


def test_prometheus_calls_the_dashboard_as_the_alerts_do() -> None:
    made = release(PARTS["all"])
    label = made.all("ServiceMonitor")["web"]["spec"]["jobLabel"]
    assert made.all("Service")["web"]["metadata"]["labels"][label] == "atelier"
    assert 'up{job="atelier"}' in str(made.all("PrometheusRule")["web"])


def test_redis_is_full_before_its_container_is() -> None:
    redis = container(release().pods()["redis"])
    assert redis["args"] == ["--dir", "/data", "--maxmemory", "1500mb"]
    assert redis["resources"]["limits"]["memory"] == "2Gi"


def test_the_values_on_the_page_are_enough() -> None:
    [values] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/deploy.md").read_text(), flags=re.DOTALL)
    made = release(yaml.safe_load(values))
    assert made.settings("web")["ATELIER_STORE"].startswith("s3://")
    assert container(made.pods()["gpu"])["image"].startswith("registry.example.com/")


def test_the_secret_on_the_page_has_what_the_cluster_reads_and_no_more() -> None:
    page = (ROOT / "docs/deploy.md").read_text()
    given = set(re.findall(r"--from-file=secrets/(\w+)", page))
    made = release({"monitoring": {"enabled": True}})
    volumes = [
        volume["secret"] for pod in made.pods().values() for volume in pod["spec"]["volumes"] if "secret" in volume
    ]
    assert given == {item["key"] for secret in volumes for item in secret["items"]} | {"watcher_token"}
    [name] = re.findall(r"create secret generic (\S+)", page)
    assert {secret["secretName"] for secret in volumes} == {name}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_how_it_is_used(path: Path) -> None:
    assert f"--values {path.relative_to(ROOT)}" in path.read_text()


def test_the_chart_is_taken_as_it_lies_in_the_repository(tmp_path: Path) -> None:
    """Its links lead into the repository and come along in a package."""
    package = helm_python.package(CHART, destination=str(tmp_path))
    listed = subprocess.run(["tar", "tzf", package], capture_output=True, text=True, check=True).stdout
    assert {"atelier/files/redis/start.sh", "atelier/files/alerts.yml"} <= set(listed.split())
