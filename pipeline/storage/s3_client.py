"""One boto3 client per store, set up as Atelier wants it."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from pipeline.errors import ConfigError
from pipeline.storage.options import StoreOptions


def make_client(options: StoreOptions) -> Any:
    """A thread-safe S3 client. Credentials come from AWS's own chain, and are first looked for when it is used.

    Raises: ConfigError if a setting or AWS's own configuration is wrong.
    """
    try:
        # boto3's default session is shared and not safe to make clients from in threads.
        session = boto3.session.Session()
        return session.client(
            "s3",
            endpoint_url=options.endpoint_url,
            region_name=options.region or session.region_name or "us-east-1",
            config=Config(
                s3={"addressing_style": options.addressing},
                # "standard" backs off exponentially with full jitter; "adaptive" would also slow all threads together.
                retries={"mode": "standard", "total_max_attempts": options.attempts},
                max_pool_connections=options.threads,
                connect_timeout=options.connect_timeout_s,
                read_timeout=options.read_timeout_s,
                tcp_keepalive=True,
                request_checksum_calculation=options.checksums,
                response_checksum_validation=options.checksums,
            ),
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigError(f"the S3 client cannot be set up: {error}") from error
