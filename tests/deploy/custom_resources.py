"""Which fields of the KEDA and Prometheus operators' objects we use, and of what kind they are; no others are taken.

Kubernetes' own schemas do not know these. Source: the reference of KEDA 2.17 (ScaledObject, TriggerAuthentication, the
metrics-api scaler) and of the Prometheus operator (ServiceMonitor, PrometheusRule).
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
TEXTS = {"type": "object", "additionalProperties": TEXT}


def closed(*required: str, **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def rows(item: dict[str, Any]) -> dict[str, Any]:
    """One at least."""
    return {"type": "array", "items": item, "minItems": 1}


# Of the autoscaler, as Kubernetes has it.
_BEHAVIOR = closed(
    stabilizationWindowSeconds={"type": "integer", "minimum": 0, "maximum": 3600},
    policies=rows(
        closed(
            "type",
            "value",
            "periodSeconds",
            type={"enum": ["Percent", "Pods"]},
            value={"type": "integer", "minimum": 1},
            periodSeconds={"type": "integer", "minimum": 1, "maximum": 1800},
        )
    ),
)

# Values of a trigger's metadata are texts, numbers too.
_METRICS_API = closed(
    "type",
    "metadata",
    type={"const": "metrics-api"},
    metadata=closed(
        "url",
        "valueLocation",
        "targetValue",
        url={"type": "string", "pattern": "^https?://"},
        valueLocation=TEXT,
        targetValue={"type": "string", "pattern": "^[0-9.]+$"},
        authMode={"enum": ["apiKey", "basic", "tls", "bearer"]},
    ),
    authenticationRef=closed("name", name=TEXT),
)

_SCALED_OBJECT = closed(
    "scaleTargetRef",
    "triggers",
    scaleTargetRef=closed("name", name=TEXT),
    minReplicaCount=COUNT,
    maxReplicaCount={"type": "integer", "minimum": 1},
    pollingInterval=COUNT,
    cooldownPeriod=COUNT,
    fallback=closed(
        "failureThreshold",
        "replicas",
        failureThreshold=COUNT,
        # KEDA takes 0 as well, and means by it to end all when it cannot ask.
        replicas={"type": "integer", "minimum": 1},
        behavior={"enum": ["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"]},
    ),
    advanced=closed(horizontalPodAutoscalerConfig=closed(behavior=closed(scaleDown=_BEHAVIOR, scaleUp=_BEHAVIOR))),
    triggers=rows(_METRICS_API),
)

_TRIGGER_AUTHENTICATION = closed(
    "secretTargetRef",
    secretTargetRef=rows(closed("parameter", "name", "key", parameter={"const": "token"}, name=TEXT, key=TEXT)),
)

_SERVICE_MONITOR = closed(
    "selector",
    "endpoints",
    jobLabel=TEXT,
    selector=closed(matchLabels=TEXTS),
    endpoints=rows(
        closed(
            "port",
            port=TEXT,
            path={"type": "string", "pattern": "^/"},
            interval={"type": "string", "pattern": "^[0-9]+(ms|s|m)$"},
            authorization=closed("credentials", type=TEXT, credentials=closed("name", "key", name=TEXT, key=TEXT)),
        )
    ),
)

_RULE = closed(
    "alert",
    "expr",
    alert=TEXT,
    expr=TEXT,
    labels=TEXTS,
    annotations=TEXTS,
    **{"for": {"type": "string", "pattern": "^[0-9]+(s|m|h)$"}},
)
_PROMETHEUS_RULE = closed("groups", groups=rows(closed("name", "rules", name=TEXT, rules=rows(_RULE))))

_SPECS = {
    ("keda.sh/v1alpha1", "ScaledObject"): _SCALED_OBJECT,
    ("keda.sh/v1alpha1", "TriggerAuthentication"): _TRIGGER_AUTHENTICATION,
    ("monitoring.coreos.com/v1", "ServiceMonitor"): _SERVICE_MONITOR,
    ("monitoring.coreos.com/v1", "PrometheusRule"): _PROMETHEUS_RULE,
}

SCHEMAS = {
    names: closed(
        "apiVersion",
        "kind",
        "metadata",
        "spec",
        apiVersion={"const": names[0]},
        kind={"const": names[1]},
        metadata=closed("name", "labels", name=TEXT, labels=TEXTS),
        spec=spec,
    )
    for names, spec in _SPECS.items()
}
"""JSON Schemas by apiVersion and kind."""
