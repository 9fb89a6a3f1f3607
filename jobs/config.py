"""Settings: ATELIER_* in the environment, then a YAML file, then the defaults written here and nowhere else.

Secrets come from the environment only, or from a file that it names (jobs/secret_files.py): ATELIER_REDIS_PASSWORD,
ATELIER_COPY_KEY, ATELIER_WEBHOOK_SECRET, ATELIER_WEB_TOKENS, and boto3's AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

from __future__ import annotations

import logging
import os
import re
import reprlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from jobs import plain_yaml
from jobs.secret_files import SecretFiles, variable_of
from jobs.tokens import holders
from pipeline.addresses import check_address
from pipeline.errors import ConfigError, InputError
from pipeline.film.limits import Limits
from pipeline.provenance.aigc import LONGEST_PRODUCER, is_producer
from pipeline.provenance.signing import Signing
from pipeline.storage import StoreOptions, is_remote

HOME = Path(os.environ.get("ATELIER_HOME") or "~/.atelier").expanduser().absolute()
"""Where one-machine use keeps its store and its Redis socket."""

SECRETS = ("redis_password", "copy_key", "webhook_secret", "web_tokens")


class Settings(BaseSettings):
    """Every knob of a deployment. `docs/configuration.md` is checked against these fields by a test."""

    model_config = SettingsConfigDict(
        env_prefix="ATELIER_", frozen=True, extra="forbid", env_ignore_empty=True, allow_inf_nan=False
    )

    redis_url: str | None = None
    """Redis to use, `redis://host:6379/0`, `rediss://…` or `unix:///path.sock`; none: `atelier run` starts its own."""
    redis_password: SecretStr | None = None
    """Redis password. Environment only."""
    redis_ca: Path | None = None
    """File of the authorities that may vouch for a `rediss://` Redis; none: those that this system trusts."""
    redis_certificate: Path | None = None
    """File of our own certificate, for a `rediss://` Redis that asks its clients for one."""
    redis_key: Path | None = None
    """File of that certificate's private key."""
    redis_prefix: str = "atelier:"
    """What every key of ours in Redis starts with."""
    store: str = str(HOME / "store")
    """Where jobs, frames and receipts live: a folder every worker sees, or `s3://bucket/prefix`."""

    s3_endpoint: str | None = None
    """Address of an S3-compatible server; none: Amazon's."""
    s3_link_endpoint: str | None = None
    """Address of the same server in links, where people reach it by another; none: s3_endpoint."""
    s3_region: str | None = None
    """Region of the buckets; none: what AWS_DEFAULT_REGION or ~/.aws says."""
    s3_addressing: Literal["auto", "path", "virtual"] = "auto"
    """Whether a bucket stands in the path or in the host name."""
    s3_threads: Annotated[int, Field(ge=1, le=256)] = 16
    """Connections that one process may have open to the store."""

    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:1`."""
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """What networks compute in; `auto` is the fastest whose difference nobody sees: half precision where the device
    has it in hardware."""
    threads: Annotated[int, Field(ge=0)] = 0
    """Frames that one worker paints side by side on a CPU, a thread each; 0 shares the cores among its workers."""
    batch: Annotated[int, Field(ge=0)] = 0
    """Frames a batch; 0 takes 8 on a GPU and 1 on a CPU."""
    residents_gb: Annotated[float, Field(gt=0, le=100_000)] = 8.0
    """Memory that a worker's resident models may take before the least recently used one leaves."""
    writers: Annotated[int, Field(ge=1, le=64)] = 2
    """Threads of a worker that encode and upload frames."""
    cache: Literal["on", "off"] = "on"
    """Whether frames that any job has painted before are found in the store instead of being painted again."""

    chunk_frames: Annotated[int, Field(ge=1, le=100_000)] = 48
    """Frames a chunk, unless the job file says otherwise."""
    window: Annotated[int, Field(ge=1)] = 2
    """Chunks published ahead for each worker."""
    max_attempts: Annotated[int, Field(ge=1)] = 3
    """Failures after which a chunk fails its job, or is halved in search of its bad frames where `on_error` or dying
    workers ask for that."""
    max_frames: Annotated[int, Field(ge=1)] = 2_000_000
    """Most frames one job may have."""
    max_pixels: Annotated[int, Field(ge=1, le=268_435_456)] = 134_217_728
    """Most pixels that one frame may have, read or painted."""
    prompt_blocklist: str | None = None
    """File of words and phrases, one a line, that no prompt may hold; none: any may."""
    max_film_s: Annotated[float, Field(gt=0, le=31_536_000)] = 86_400.0
    """Most seconds that one job's film may last."""
    max_worker_s: Annotated[float, Field(ge=0, le=3_153_600_000)] = 0.0
    """Most seconds of workers that one job may use, failed attempts included, before it fails; 0 is no limit."""
    max_gb: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    """Most gigabytes that one job's frames and segments may take in the store before it fails; 0 is no limit."""
    max_strikes: Annotated[int, Field(ge=1)] = 4
    """Chunks that a worker may fail in a row, while others succeed, before it takes itself out."""
    stall_s: Annotated[float, Field(ge=1, le=604_800)] = 300.0
    """A worker whose chunk makes no step for this long gives it up; sooner where frames are known to be quick."""
    lease_s: Annotated[float, Field(ge=1, le=3_600)] = 15.0
    """A worker that has not been heard of for this long has lost its chunk."""
    reconcile_s: Annotated[float, Field(gt=0, le=3_600)] = 30.0
    """Time between two looks of the reconciler."""
    stalled_s: Annotated[float, Field(gt=0, le=31_536_000)] = 1_800.0
    """A job that has work to do and makes no progress for this long is told to its webhooks as `stalled`."""
    log_format: Literal["text", "json"] = "text"
    """How workers, reconciler, scheduler and web process write their logs: lines for people, or JSON."""
    events: Literal["on", "off"] = "off"
    """Whether workers send Celery's events, which Flower shows."""
    campaigns_s: Annotated[float, Field(gt=0, le=3_600)] = 10.0
    """Time between two looks of a scheduler for campaigns that were added, paused or left by a dead scheduler. What it
    knows of it fires on time all the same."""
    published_s: Annotated[float, Field(gt=0, le=604_800)] = 60.0
    """A published chunk that nobody has taken after this long is published again."""
    visibility_s: Annotated[int, Field(ge=60, le=31_536_000)] = 6 * 3600
    """Redelivery of unacknowledged messages: a backstop, above the longest chunk. Leases decide."""
    keep_days: Annotated[float, Field(ge=0, le=36_500)] = 0.0
    """Days after which a job that ended leaves the store, but for what it delivered; 0 keeps it for ever."""
    sweep_after_h: Annotated[float, Field(gt=0, le=876_000)] = 24.0
    """Hours that what is likely garbage lies in the store before it is removed."""
    sweep_every_h: Annotated[float, Field(ge=0, le=876_000)] = 6.0
    """Hours between two sweeps of the store by reconcilers; 0 is never."""
    soft_shutdown_s: Annotated[float, Field(ge=0, le=604_800)] = 45.0
    """How long a stopping worker may take to hand its chunk back."""
    price_per_hour: Annotated[float, Field(ge=0, le=1_000_000_000)] = 0.0
    """What one worker costs an hour, in your currency; `status` multiplies."""

    copy_url: str | None = None
    """OpenAI-compatible endpoint that writes copy, `http://localhost:11434/v1`; none: nothing is asked."""
    copy_model: str | None = None
    """Model that the endpoint is asked for."""
    copy_key: SecretStr | None = None
    """Key of the endpoint. Environment only."""
    copy_format: Literal["schema", "object", "text"] = "schema"
    """How the endpoint is bound to JSON: by a schema, to any object, or by words alone."""
    copy_timeout_s: Annotated[float, Field(gt=0, le=3_600)] = 60.0
    """Longest that one answer of the endpoint may take."""
    copy_retries: Annotated[int, Field(ge=0, le=20)] = 4
    """Times that the endpoint is asked again when it does not answer, or wants to be asked later."""
    copy_threads: Annotated[int, Field(ge=1, le=64)] = 4
    """Questions that the endpoint is asked at a time."""

    webhook_url: str | None = None
    """Address that is told when any job is done, has failed or stands still, besides what its file says; it may be a
    private one."""
    webhook_secret: SecretStr | None = None
    """What webhooks are signed with; several, parted by spaces, while one replaces another. Environment only."""
    webhook_private: Literal["on", "off"] = "off"
    """Whether a job file's webhook may lead to this machine or a private network."""
    webhook_timeout_s: Annotated[float, Field(gt=0, le=300)] = 10.0
    """Longest that one try of a webhook may take."""
    webhook_tries: Annotated[int, Field(ge=1, le=50)] = 12
    """Times that a webhook is tried before it is given up."""
    webhook_pause_s: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    """Time between the first two tries of a webhook; it doubles with each, up to six hours."""

    web_tokens: SecretStr | None = None
    """Who may use the dashboard and its API: `viewer NAME TOKEN` or `operator NAME TOKEN`, one a line or parted by `;`.
    Environment only."""
    web_host: str = "127.0.0.1"
    """Address that the dashboard listens at."""
    web_port: Annotated[int, Field(ge=0, le=65_535)] = 8642
    """Port that the dashboard listens at; 0 takes a free one."""
    web_upload_gb: Annotated[float, Field(gt=0, le=100_000)] = 20.0
    """Most gigabytes that one uploaded file may have."""
    web_cache: Path | None = None
    """Folder where the dashboard keeps thumbnails and preview films between its starts; none: a temporary one."""
    web_cache_gb: Annotated[float, Field(gt=0, le=100_000)] = 1.0
    """Most gigabytes of these."""
    web_requests: Annotated[int, Field(ge=1, le=1_000_000)] = 1200
    """Requests that one holder of a token may make a minute."""
    web_streams: Annotated[int, Field(ge=1, le=100_000)] = 2000
    """Viewers that one dashboard keeps up to date at a time."""
    web_folders: str | None = None
    """Folders, parted by `:`, that job files sent to the dashboard may name, besides uploads and `s3://` addresses;
    none: any if it listens to this machine alone, else no folder."""
    web_proxies: str | None = None
    """Addresses of proxies, parted by commas, that are believed whom they speak for, and over which protocol; `*` is
    everybody. None: nobody."""

    marks: Literal["on", "off"] = "on"
    """Whether what a model made or changed says so in its metadata, and is signed where a certificate is configured."""
    producer: str = "Atelier"
    """Who is responsible for it, as the AIGC field names them: a name or code in ASCII without spaces."""
    label: Literal["on", "off"] = "off"
    """Whether what a model made or changed shows a label, if its job file says nothing of `label`."""
    c2pa_certificate: Path | None = None
    """File of the certificate that deliverables are signed with, and of those that lead to its authority; none: they
    are not signed."""
    c2pa_key: Path | None = None
    """File of that certificate's private key, without a passphrase."""
    c2pa_timestamp: str | None = None
    """Address of an authority that vouches for the time of signatures, `http://…`; none: none is asked."""
    c2pa_trust: Path | None = None
    """File of the authorities that `atelier inspect` trusts; none: it says whose a signature is, and trusts nobody."""

    @field_validator("producer")
    @classmethod
    def is_a_producer(cls, value: str) -> str:
        """As GB 45438 has it, for whoever reads the field."""
        if not is_producer(value):
            raise ValueError(f"a producer is 1 to {LONGEST_PRODUCER} ASCII letters, digits and signs without spaces")
        return value

    @field_validator("c2pa_timestamp")
    @classmethod
    def is_web_address(cls, value: str | None) -> str | None:
        """Only what can be asked. The message does not repeat it: it may hold a password."""
        if value is not None and not re.fullmatch(r"https?://[^\s@]+", value):
            raise ValueError("it is no address of an authority; write http://… or https://…, without a password")
        return value

    @field_validator("cache", "marks", "label", "webhook_private", "events", mode="before")
    @classmethod
    def is_a_switch(cls, value: object) -> object:
        """YAML reads on and off as yes and no."""
        return ("on" if value else "off") if isinstance(value, bool) else value

    @field_validator("redis_url")
    @classmethod
    def is_redis_address(cls, value: str | None) -> str | None:
        """An address that every client of ours takes. The message does not repeat it: it may hold a password."""
        if value is not None and not _is_redis_address(value):
            raise ValueError("it is no address of a Redis; write redis://host:6379/0, or unix:///path.sock")
        if value is not None and _loosens_tls(value):
            raise ValueError("certificates are always checked; leave ssl_… out, and name the authority in redis_ca")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def is_no_guess(cls, value: SecretStr | None) -> SecretStr | None:
        """What could be guessed proves nothing."""
        if value is not None and any(len(secret) < 16 for secret in value.get_secret_value().split()):
            raise ValueError("a secret of fewer than 16 characters could be guessed; `openssl rand -hex 24` makes one")
        return value

    @field_validator("web_tokens")
    @classmethod
    def are_tokens(cls, value: SecretStr | None) -> SecretStr | None:
        """Who may do what. The message repeats no token."""
        if value is not None:
            try:
                holders(value.get_secret_value())
            except InputError as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("webhook_url")
    @classmethod
    def is_an_address(cls, value: str | None) -> str | None:
        """An address of the web. The message does not repeat it: its query may be a secret."""
        if value is not None:
            try:
                check_address(value)
            except InputError as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("copy_url")
    @classmethod
    def is_an_endpoint(cls, value: str | None) -> str | None:
        """An address of the web, to which paths can be added."""
        if value is None:
            return None
        try:
            parts = check_address(value)
        except InputError as error:
            raise ValueError(str(error)) from error
        if parts.query or parts.fragment:
            raise ValueError("it is where an endpoint begins, without ? and #; write http://host:port/v1")
        return value.rstrip("/").removesuffix("/chat/completions")

    @field_validator("store")
    @classmethod
    def is_a_place(cls, value: str) -> str:
        """An address that some store has, without credentials in it."""
        try:
            is_remote(value)
        except InputError as error:
            raise ValueError(str(error)) from error
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment and the secrets' files that it names, then the settings file."""
        file = YamlConfigSettingsSource(settings_cls, yaml_file=config_file())
        return init_settings, env_settings, SecretFiles(settings_cls, SECRETS), file

    def store_options(self) -> StoreOptions:
        """How stores are reached."""
        return StoreOptions(
            endpoint_url=self.s3_endpoint,
            link_endpoint_url=self.s3_link_endpoint,
            region=self.s3_region,
            addressing=self.s3_addressing,
            threads=self.s3_threads,
        )

    def signing(self) -> Signing | None:
        """With what deliverables are signed; None if they are not. Raises: ConfigError if half of it is missing."""
        if self.c2pa_certificate is None and self.c2pa_key is None:
            return None
        if self.c2pa_certificate is None or self.c2pa_key is None:
            lacks = "c2pa_key" if self.c2pa_key is None else "c2pa_certificate"
            raise ConfigError(f"ATELIER_{lacks.upper()}: signing takes a certificate and its key; set this one as well")
        return Signing(self.c2pa_certificate.expanduser(), self.c2pa_key.expanduser(), self.c2pa_timestamp)

    def limits(self) -> Limits:
        """How large a source's frames may be. Their number is limited by the job, which may take a part of a film."""
        return Limits(pixels=self.max_pixels)

    def authenticated_redis_url(self) -> str:
        """The Redis address with the password in it: for clients only, never for people to read.

        Raises: ConfigError if no Redis is configured.
        """
        if self.redis_url is None:
            raise ConfigError(
                "no Redis is configured: set ATELIER_REDIS_URL (redis://host:6379/0), or use `atelier run`, "
                "which starts everything on this machine"
            )
        if self.redis_password is None:
            return self.redis_url
        parts = urlsplit(self.redis_url)
        host = parts.netloc.rpartition("@")[2]
        user = parts.username or ""
        netloc = f"{user}:{quote(self.redis_password.get_secret_value(), safe='')}@{host}"
        return urlunsplit(parts._replace(netloc=netloc))


def _is_redis_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.query and not _is_redis_query(url, parts.query):
        return False
    if parts.scheme == "unix":
        return not host and len(parts.path) > 1
    return parts.scheme in ("redis", "rediss") and bool(host) and re.fullmatch(r"/?|/[0-9]+", parts.path) is not None


def _is_redis_query(url: str, query: str) -> bool:
    from redis.connection import URL_QUERY_ARGUMENT_PARSERS, parse_url

    try:
        parse_url(url)
    except ValueError:
        return False
    known = {"username", "password", "client_name", *URL_QUERY_ARGUMENT_PARSERS}
    return all(name in known or name.startswith("ssl_") for name in parse_qs(query, keep_blank_values=True))


def _loosens_tls(url: str) -> bool:
    return any(name.startswith("ssl_") for name in parse_qs(urlsplit(url).query, keep_blank_values=True))


def log_level() -> int:
    """How much workers say: ATELIER_LOG, as `logging` numbers it.

    Raises: ConfigError if it is no level.
    """
    name = os.environ.get("ATELIER_LOG") or "INFO"
    level = logging.getLevelNamesMapping().get(name.upper())
    if not level:
        raise ConfigError(f"ATELIER_LOG: {name!r} is no level; write DEBUG, INFO, WARNING or ERROR")
    return level


def config_file() -> Path | None:
    """The settings file: ATELIER_CONFIG, else ~/.config/atelier.yaml if it exists."""
    named = os.environ.get("ATELIER_CONFIG")
    if named:
        return Path(named)
    usual = Path("~/.config/atelier.yaml").expanduser()
    return usual if usual.exists() else None


@cache
def settings() -> Settings:
    """This process's settings, read once.

    Raises: ConfigError naming the variable or the file's key that is wrong; ATELIER_LOG is checked with them.
    """
    log_level()
    path = config_file()
    if path is not None:
        _check_file(path)
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError("; ".join(_problem(detail, path) for detail in error.errors())) from error


@contextmanager
def other_store(url: str) -> Iterator[None]:
    """Another store for this process and the children that it starts, as long as the block lasts."""
    before = os.environ.get("ATELIER_STORE")
    os.environ["ATELIER_STORE"] = url
    settings.cache_clear()
    try:
        yield
    finally:
        if before is None:
            del os.environ["ATELIER_STORE"]
        else:
            os.environ["ATELIER_STORE"] = before
        settings.cache_clear()


def _check_file(path: Path) -> None:
    try:
        content = plain_yaml.load(path.read_text(encoding="utf-8"), "settings file") or {}
    except (OSError, UnicodeDecodeError, *plain_yaml.DAMAGE) as error:
        raise ConfigError(f"{path}: cannot be read as YAML settings: {plain_yaml.said(error)}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: settings are `name: value` lines")
    for name in SECRETS:
        if name in content:
            raise ConfigError(f"{path}: {name} is a secret; put it into the environment as {variable_of(name)}")
        if f"{name}_file" in content:
            raise ConfigError(f"{path}: {name}_file: name the file in the environment, as {variable_of(name)}_FILE")
    if _holds_password(str(content.get("redis_url", ""))):
        raise ConfigError(f"{path}: redis_url holds a password; put it into ATELIER_REDIS_PASSWORD instead")


def _holds_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.password) or "password" in parse_qs(parts.query)


def _problem(detail: object, path: Path | None) -> str:
    assert isinstance(detail, dict)
    name = str(detail["loc"][0]) if detail["loc"] else "?"
    variable = variable_of(name)
    if name in SECRETS:
        where = f"{variable}_FILE" if os.environ.get(f"{variable}_FILE") else variable
    else:
        where = variable if variable in os.environ or path is None else f"{path}: {name}"
    if detail["type"] == "extra_forbidden":
        from difflib import get_close_matches

        near = get_close_matches(name, list(Settings.model_fields), n=1)
        return f"{where}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
    if detail["type"] == "value_error":
        return f"{where}: {detail['msg'].removeprefix('Value error, ')}"
    field = Settings.model_fields.get(name)
    if field is not None and (right := _number(field)):
        return f"{where}: {reprlib.repr(detail.get('input'))} is not right; write {right}"
    if detail["type"] == "literal_error":
        choices = detail["ctx"]["expected"].replace("'", "")
        return f"{where}: {reprlib.repr(detail.get('input'))} is not right; write {choices}"
    # Not repeated: it may be an address with a password in it.
    return f"{where}: is no text; write one value"


def _number(field: FieldInfo) -> str:
    """What would be right, where a setting is a number; else empty."""
    if field.annotation is not int and field.annotation is not float:
        return ""
    noun = "a whole number" if field.annotation is int else "a number"
    bounds = [
        f"{word} {getattr(limit, sign):,}"
        for sign, word in (("ge", "of at least"), ("gt", "above"), ("le", "up to"))
        for limit in field.metadata
        if hasattr(limit, sign)
    ]
    return f"{noun} {', '.join(bounds)}"


def host_name() -> str:
    """This machine's name, as workers are called after it."""
    return socket.gethostname().split(".")[0] or "localhost"


__all__ = ["HOME", "Settings", "config_file", "host_name", "log_level", "other_store", "settings"]
