"""One S3 client per store, set up as Atelier wants it. botocore is boto3's core; nothing above it is needed here."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session

from pipeline.errors import ConfigError
from pipeline.storage.options import StoreOptions


def make_client(options: StoreOptions) -> Any:
    """A thread-safe S3 client. Credentials come from AWS's own chain, and are first looked for when it is used.

    Raises: ConfigError if a setting or AWS's own configuration is wrong.
    """
    return _client(
        options,
        options.endpoint_url,
        # "standard" backs off exponentially with full jitter; "adaptive" would also slow all threads together.
        retries={"mode": "standard", "total_max_attempts": options.attempts},
        max_pool_connections=options.threads,
        connect_timeout=options.connect_timeout_s,
        read_timeout=options.read_timeout_s,
        tcp_keepalive=True,
        request_checksum_calculation=options.checksums,
        response_checksum_validation=options.checksums,
    )


def make_signer(options: StoreOptions) -> Any:
    """A client that signs links, and sends nothing: to where people reach the server. Raises: as `make_client`."""
    # Left to itself, botocore signs links by version 2, which most regions do not take.
    return _client(options, options.link_endpoint_url or options.endpoint_url, signature_version="s3v4")


def _client(options: StoreOptions, endpoint_url: str | None, **config: Any) -> Any:
    try:
        # A session of its own, as sessions are not safe among threads.
        session = Session()
        session.register_component("data_loader", _service_models())
        return session.create_client(
            "s3",
            endpoint_url=endpoint_url,
            region_name=options.region or session.get_config_variable("region") or "us-east-1",
            config=Config(s3={"addressing_style": options.addressing}, **config),
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigError(f"the S3 client cannot be set up: {error}") from error


@cache
def _service_models() -> Loader:
    # Reading S3's description anew costs 65 ms per client; with this a client costs 10 ms.
    return Session().get_component("data_loader")
