"""Creates the bucket of ATELIER_STORE if it is not there. Runs once, before the workers; if it cannot, it says why."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from jobs.config import Settings, settings
from pipeline.errors import AtelierError
from pipeline.storage import is_remote
from pipeline.storage.s3_client import make_client
from pipeline.storage.s3_errors import error_code, is_missing, s3_errors

_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def ensure_bucket(config: Settings) -> bool:
    """Create the configured store's bucket. True if this call created it; a local folder needs none.

    Raises: AccessDenied, StorageUnavailable, InputError.
    """
    if not is_remote(config.store):
        return False
    bucket = urlsplit(config.store).netloc
    client = make_client(config.store_options())
    with s3_errors(f"s3://{bucket}", bucket=bucket):
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if not is_missing(error):
                raise
        else:
            return False
        try:
            client.create_bucket(Bucket=bucket)
        except ClientError as error:
            # Another one was quicker.
            if error_code(error) not in _THERE:
                raise
            return False
    return True


def main() -> None:
    """Entry point."""
    try:
        created = ensure_bucket(settings())
    except AtelierError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{settings().store}: {'bucket created' if created else 'bucket is there'}\n")


if __name__ == "__main__":
    main()
