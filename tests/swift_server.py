"""One real OpenStack Swift with its S3 interface, in a folder, without root: proxy, account, container, object server.

Each server runs without worker processes (`workers = 0`), so that the four ids we hold are all there are.
The object server keeps metadata in extended attributes, which the folder's file system must have.
"""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.processes import free_port, running, wait_for_answer

USER, KEY = "test:tester", "testing"
_ROLES = ("account", "container", "object")

_COMMON = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
# One tiny disk answers here; the defaults keep 1 % free and refuse otherwise.
fallocate_reserve = 0
log_level = ERROR
"""
_STORAGE = """
[pipeline:main]
pipeline = {role}-server

[app:{role}-server]
use = egg:swift#{role}
"""
_PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth copy slo proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:gatekeeper]
use = egg:swift#gatekeeper

[filter:s3api]
use = egg:swift#s3api
# A test uploads in parts of 5 MiB, S3's own minimum; listings of more than 1000 keys must come in pages.
s3_acl = false

[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_test_stranger = strange

[filter:copy]
use = egg:swift#copy

[filter:slo]
use = egg:swift#slo
"""


def has_xattrs(folder: Path) -> bool:
    """Whether the folder's file system keeps extended attributes as large as Swift writes."""
    probe = folder / "xattr"
    probe.touch()
    try:
        os.setxattr(probe, "user.swift.metadata", b"x" * 2000)
    except (OSError, AttributeError):
        return False
    finally:
        probe.unlink()
    return True


@contextmanager
def swift(folder: Path) -> Iterator[int]:
    """Run Swift in `folder`; yields the proxy's port."""
    ports = {role: free_port() for role in (*_ROLES, "proxy")}
    (folder / "devices" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = atelier\n")
    _build_rings(folder, {role: ports[role] for role in _ROLES})
    with ExitStack() as servers:
        started = []
        for role, port in ports.items():
            conf, log = folder / f"{role}.conf", folder / f"{role}.log"
            body = _PROXY if role == "proxy" else _STORAGE
            conf.write_text((_COMMON + body).format(port=port, user=getpass.getuser(), folder=folder, role=role))
            started.append((port, servers.enter_context(running(_command(role, conf), log=log)), log))
        for port, process, log in started:
            wait_for_answer(port, process, log=log)
        yield ports["proxy"]


def _build_rings(folder: Path, ports: dict[str, int]) -> None:
    """Rings of one device and one copy each, by Swift's own builder, in one process because its import costs most."""
    script = """
import json, sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], json.loads(sys.argv[2])
for role, port in ports.items():
    ring = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    ring.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=port, device="disk", weight=1,
                      replication_ip="127.0.0.1", replication_port=port, meta=""))
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{role}.ring.gz")
"""
    command = [sys.executable, "-c", script, str(folder), json.dumps(ports)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def _command(role: str, conf: Path) -> list[str]:
    module = "obj" if role == "object" else role
    script = f"import sys; from swift.{module}.server import main; sys.exit(main())"
    return [sys.executable, "-c", script, str(conf)]
