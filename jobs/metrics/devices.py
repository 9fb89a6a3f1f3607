"""What kind of device a worker has, as a label: `cuda` or `cpu`."""

from __future__ import annotations


def device_kind(device: str, slot: str) -> str:
    """`cuda:1` is a place and no kind. A worker that has not painted yet has named no device: its slot is called after
    one, `gpu-0@host` or `cpu-0@host`; `unknown` if it is called otherwise."""
    return device.partition(":")[0] or {"gpu": "cuda", "cpu": "cpu"}.get(slot.partition("-")[0], "unknown")
