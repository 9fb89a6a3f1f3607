"""A user of Redis needs the rights that docs/security.md lists, no more; with fewer, it is told what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import redis

from jobs.config import Settings
from jobs.ledger import Ledger
from jobs.queue import Queue
from pipeline.errors import ConfigError
from tests.security.tls import Authority, tls_before
from tests.workers.farm import farm

PASSWORD = "a-password-of-its-own"
PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text()


def documented_rules() -> list[str]:
    """What docs/security.md says after `ACL SETUSER farm`, for Redis' default prefix."""
    [rules] = re.findall(r"^ACL SETUSER farm (.*?)\n```", PAGE, flags=re.DOTALL | re.MULTILINE)
    return rules.replace("\\\n", " ").replace(">the-password", f">{PASSWORD}").split()


def admin(url: str) -> redis.Redis:
    """Who may do everything."""
    return redis.Redis(unix_socket_path=url.removeprefix("unix://"))


def test_job_is_painted_over_tls_by_a_user_with_the_documented_rights(tmp_path: Path, media: Path) -> None:
    authority = Authority(tmp_path, "ours")
    with ExitStack() as opened:
        outer = opened.enter_context(farm(tmp_path))
        socket = Path(str(outer.config.redis_url).removeprefix("unix://"))
        keeper = opened.enter_context(redis.Redis(unix_socket_path=str(socket)))
        keeper.execute_command("ACL", "SETUSER", "farm", *documented_rules())
        keeper.execute_command("ACL", "SETUSER", "default", "off")
        port = opened.enter_context(tls_before(socket, authority.issue("localhost")))
        url = f"rediss://farm@localhost:{port}/0"
        made = opened.enter_context(
            farm(tmp_path, redis_url=url, redis_password=PASSWORD, redis_ca=str(authority.file))
        )
        opened.enter_context(made.workers())
        plan = made.submit(
            f"kind: film\nsource: {media}/clip.mp4\nstyle: {media}/fast.safetensors\noutput: {tmp_path}/out\nchunk: 6\n"
        )
        assert made.finish(plan).frames == 24
        refused = [entry["object"] for entry in keeper.acl_log() if entry["username"] == "farm"]
        assert refused == []
        assert "refuses our user" not in made.log()


def test_every_command_of_our_scripts_is_among_the_documented_rights() -> None:
    folder = Path(__file__).parents[2] / "jobs/lua"
    called = {name for path in folder.glob("*.lua") for name in re.findall(r"redis\.call\('(\w+)'", path.read_text())}
    assert {f"+{name.lower()}" for name in called} <= set(documented_rules())


def test_documented_rights_are_no_more_than_the_job_needs() -> None:
    rules = documented_rules()
    assert "-@all" in rules
    assert not {"+@all", "~*", "allkeys", "&*", "allchannels"} & set(rules)
    dangerous = {"flushall", "flushdb", "config", "keys", "shutdown", "debug", "acl", "save", "replicaof", "module"}
    assert not dangerous & {rule.lstrip("+").partition("|")[0] for rule in rules}


@pytest.fixture
def user(redis_url: str) -> Iterator[redis.Redis]:
    """The keeper of a Redis whose user `atelier` has all rights."""
    with admin(redis_url) as keeper:
        keeper.acl_setuser("atelier", enabled=True, passwords=[f"+{PASSWORD}"], commands=["+@all"], keys=["*"])
        yield keeper
        keeper.acl_deluser("atelier")


def settings_of_user(redis_url: str) -> Settings:
    """As the user sees it."""
    return Settings(redis_url=redis_url.replace("unix://", "unix://atelier@"), redis_password=PASSWORD)


@pytest.mark.parametrize(
    ("command", "ask"),
    [
        ("evalsha", lambda ledger: ledger.overdue(1)),
        ("hget", lambda ledger: ledger.state("film-1")),
        ("zrange", lambda ledger: ledger.ready("gpu")),
    ],
)
def test_refused_command_of_the_ledger_is_named(
    redis_url: str, user: redis.Redis, command: str, ask: Callable[[Ledger], object]
) -> None:
    user.acl_setuser("atelier", enabled=True, commands=["+@all", f"-{command}"])
    config = settings_of_user(redis_url)
    with (
        closing(Ledger(config.authenticated_redis_url())) as ledger,
        pytest.raises(ConfigError, match=f"Redis refuses our user the command {command.upper()}; give it the rights"),
    ):
        ask(ledger)


def test_command_refused_within_a_script_is_named(redis_url: str, user: redis.Redis) -> None:
    user.acl_setuser("atelier", enabled=True, commands=["+@all", "-hmget"])
    with (
        closing(Ledger(settings_of_user(redis_url).authenticated_redis_url())) as ledger,
        pytest.raises(ConfigError, match="the command HMGET"),
    ):
        ledger.steer("film-1", "paused")


def test_command_refused_to_the_queue_is_named(redis_url: str, user: redis.Redis) -> None:
    user.acl_setuser("atelier", enabled=True, commands=["+@all", "-lpush"])
    with (
        closing(Queue(settings_of_user(redis_url))) as queue,
        pytest.raises(ConfigError, match="the command LPUSH"),
    ):
        queue.render("film-1", 0, 1, queue="gpu")


def test_foreign_keys_point_at_the_prefix(redis_url: str, user: redis.Redis) -> None:
    user.acl_setuser("atelier", enabled=True, commands=["+@all"], keys=["elsewhere:*"], reset_keys=True)
    with (
        closing(Ledger(settings_of_user(redis_url).authenticated_redis_url())) as ledger,
        pytest.raises(ConfigError, match="a key outside its pattern; does it fit ATELIER_REDIS_PREFIX"),
    ):
        ledger.state("film-1")


def test_wrong_password_says_where_it_belongs_and_not_what_it_is(redis_url: str, user: redis.Redis) -> None:
    wrong = settings_of_user(redis_url).model_copy(update={"redis_password": None}).authenticated_redis_url()
    with (
        closing(Ledger(wrong.replace("atelier@", "atelier:hunter2@"))) as ledger,
        pytest.raises(ConfigError, match="set ATELIER_REDIS_PASSWORD in the environment") as caught,
    ):
        ledger.ping()
    assert "hunter2" not in str(caught.value)
