"""Passwords and keys appear in no log, record, output, message or command line, however much is logged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from jobs.metrics import exposition
from jobs.spec import read
from pipeline.errors import ConfigError, JobSpecError
from pipeline.storage import StoreOptions, open_store
from tests import typed
from tests.servers import S3Server
from tests.workers.farm import Farm, farm

REDIS = "Redis-Pa55word-unmistakable"
SECRETS = {
    "ATELIER_REDIS_PASSWORD": REDIS,
    "ATELIER_COPY_KEY": "sk-unmistakable-copy-key",
    "ATELIER_WEBHOOK_SECRET": "unmistakable-webhook-secret",
    "AWS_ACCESS_KEY_ID": "AKIAUNMISTAKABLE0001",
    "AWS_SECRET_ACCESS_KEY": "unmistakable/secret+key",
    "AWS_SESSION_TOKEN": "unmistakable-session-token",
}
JOB = "kind: film\nsource: {source}\nstyle: {media}/fast.safetensors\noutput: {output}\nframes: 1-8\nchunk: 4\n"
JOB += "notify: http://127.0.0.1:9/\n"


class Watch:
    """Reads the command lines of all processes again and again."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(0.2):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(process.read_bytes())
                except OSError:
                    continue


@contextmanager
def guarded_farm(folder: Path, moto: S3Server, store: str) -> Iterator[Farm]:
    """A farm with a password before Redis and keys before its store, that logs as much as it can."""
    with farm(folder) as outer:
        socket = str(outer.config.redis_url).removeprefix("unix://")
        with redis.Redis(unix_socket_path=socket) as keeper:
            keeper.acl_setuser("me", enabled=True, passwords=[f"+{REDIS}"], commands=["+@all"], keys=["*"])
            keeper.acl_setuser("default", enabled=False)
        settings = {"s3_endpoint": moto.endpoint, "s3_addressing": "path", "log": "debug", "log_format": "json"}
        with farm(folder, redis_url=f"unix://me@{socket}", redis_password=REDIS, store=store, **settings) as made:
            yield made


TYPED = """
import json, sys
from jobs.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["atelier", *words]
    try:
        main()
    except SystemExit as ended:
        print("ended with", ended.code)
"""


def atelier(made: Farm, *commands: str) -> bytes:
    """All that commands say, typed one after the other into one process; none breaks down."""
    words = json.dumps([command.split() for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", TYPED, words], env=made.environment, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.count(b"ended with") == len(commands)
    return done.stdout + done.stderr


def leaks(said: dict[str, bytes]) -> list[str]:
    """Where which secret appears."""
    return [f"{name} in {where}" for where, text in said.items() for name, it in SECRETS.items() if it.encode() in text]


def test_no_secret_appears_anywhere(
    tmp_path: Path, media: Path, moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = moto_s3.with_bucket().url
    moto_s3.use(monkeypatch)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ATELIER_LOG", "debug")
    with Watch() as watch, guarded_farm(tmp_path, moto_s3, f"{bucket}/store") as made:
        said: dict[str, bytes] = {}
        outside = open_store(bucket, made.config.store_options())
        outside.upload(media / "clip.mp4", "clip.mp4")
        with made.workers():
            good = made.submit(JOB.format(source=f"{bucket}/clip.mp4", media=media, output=f"{bucket}/out"))
            made.finish(good)
            outside.upload(media / "clip.mp4", "gone.mp4")
            bad = made.submit(
                JOB.format(source=f"{bucket}/gone.mp4", media=media, output=f"{bucket}/bad") + "size: 48\n"
            )
            made.ledger.steer(bad.job, "paused")
            outside.put("gone.mp4", b"shorter")
            made.ledger.steer(bad.job, "running")
            made.wait(bad.job, lambda seen: seen.is_final, "over")
            said["three commands"] = atelier(made, f"status {good.job}", f"explain {bad.job}", "status no-such-job")
        wrong = dict(made.environment)
        made.environment["ATELIER_REDIS_URL"] = made.environment["ATELIER_REDIS_URL"].replace("me@", "nobody@")
        said["a refused user"] = atelier(made, f"submit {media / 'job.yaml'}", "jobs")
        made.environment["ATELIER_REDIS_URL"] = "redis://127.0.0.1:1/0"
        said["no Redis"] = atelier(made, "jobs")
        made.environment["ATELIER_S3_ENDPOINT"] = "http://127.0.0.1:1"
        said["no store"] = atelier(made, f"status {good.job}")
        made.environment.update(wrong)
        lines = made.ledger.log_lines(good.job) + made.ledger.log_lines(bad.job)
        assert {line.level for line in lines} >= {"INFO", "ERROR"}
        said["lines of the log"] = repr(lines).encode()
        said["metrics"] = exposition(made.ledger)
        said |= {str(entry.key): outside.get(entry.key) for entry in outside.list()}
        said |= {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        folder = Path(str(made.config.redis_url).removeprefix("unix://me@")).parent
        said |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said |= {f"ps: {line[:80]!r}": line for line in watch.seen}
    assert any("worker.log" in where for where in said)
    assert any("receipts" in where for where in said)
    assert any(b"celery" in line for line in watch.seen)
    assert b"botocore" not in b"".join(text for where, text in said.items() if where.endswith(".log"))
    assert leaks(said) == []


PASSWORD = "pa55word-unmistakable"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis://h:6379/0?password={it}&foo=1"),
        ("REDIS_URL", "http://h/?password={it}"),
        ("REDIS_URL", "redis://me:{it}@h:port/0"),
        ("REDIS_URL", "redis:{it}"),
        ("STORE", "s3://AKIAX:{it}@bucket/p"),
        ("STORE", "s3://{it}@bucket/p"),
        ("STORE", "https://me:{it}@host/p"),
    ],
)
def test_secret_in_a_wrong_setting_is_not_repeated(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ATELIER_{name}", value.format(it=PASSWORD))
    result = typed.atelier("jobs")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"ATELIER_{name}: " in result.stderr
    assert PASSWORD not in result.stderr + "".join(capfd.readouterr())


@pytest.mark.parametrize("key", ["source", "output", "style", "painting"])
@pytest.mark.parametrize(
    "address", ["s3://user:{it}@host/x.png", "S3://{it}@host/x.png", "https://user:{it}@host/x.png"]
)
def test_secret_in_a_job_file_is_not_repeated(tmp_path: Path, key: str, address: str) -> None:
    said = address.format(it=PASSWORD)
    keys = {"kind": "film", "source": str(tmp_path), "style": "great-wave", "output": "out"}
    keys |= {"style": f"{{painting: '{said}'}}"} if key == "painting" else {key: said}
    file = tmp_path / "job.yaml"
    file.write_text("".join(f"{name}: {value}\n" for name, value in keys.items()))
    result = typed.atelier("check", str(file))
    assert result.exit_code == 2
    assert "can be no bucket" in result.stderr or "no store has the scheme" in result.stderr
    assert PASSWORD not in result.output


def test_traceback_of_a_bug_shows_no_secret(tmp_path: Path) -> None:
    script = (
        "from jobs import session\nimport jobs.ledger\n"
        "def broken(*a, **k): raise RuntimeError('a bug')\n"
        "jobs.ledger.Ledger.ping = broken\nfrom jobs.cli import main\nimport sys\n"
        "sys.argv = ['atelier', 'jobs']\nmain()\n"
    )
    environment = os.environ | SECRETS | {
        "ATELIER_LOG": "debug", "ATELIER_REDIS_URL": f"redis://me:{REDIS}@127.0.0.1:1/0",
        "ATELIER_STORE": str(tmp_path / "store"),
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False, timeout=60)
    assert b"a bug" in done.stdout + done.stderr
    assert leaks({"traceback": done.stdout + done.stderr}) == []


@pytest.mark.parametrize("line", ["output: [s3://user:geheim@host/x]", "on_error: s3://user:geheim@host/x"])
def test_an_address_where_none_belongs_is_not_repeated(tmp_path: Path, line: str) -> None:
    file = tmp_path / "film.yaml"
    file.write_text(f"kind: film\nsource: a.mp4\nstyle: starry-night\n{line}\n")
    with pytest.raises(JobSpecError) as caught:
        read(file)
    assert line.partition(":")[0] in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_an_endpoint_without_a_scheme_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        StoreOptions(endpoint_url="user:geheim@host:8333")
    assert "geheim" not in str(caught.value)
