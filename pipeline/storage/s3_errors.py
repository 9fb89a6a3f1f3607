"""What botocore and a server say, turned into Atelier's errors. Messages hold no secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from s3transfer.exceptions import RetriesExceededError

from pipeline.errors import (
    AccessDenied,
    AtelierError,
    ConfigError,
    InputError,
    IntegrityError,
    ObjectNotFound,
    StorageFull,
    StorageUnavailable,
)

_MISSING = {"NoSuchKey", "NotFound", "404"}
_FULL = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "XMinioStorageQuotaExceeded", "507"}
# BadDigest: the bytes were damaged on the way. Statuses 5xx, 408 and 429 count as busy too.
_BUSY = {"SlowDown", "RequestTimeout", "InternalError", "Throttling", "BadDigest"}
_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307"}
_REFUSES_CHECKSUMS = {"NotImplemented", "MissingContentLength", "InvalidArgument", "XAmzContentSHA256Mismatch"}
_SET_CREDENTIALS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"


def error_code(error: ClientError) -> str:
    """S3's name of the error, or the HTTP status where the answer had no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: ClientError) -> bool:
    """Whether the server says that there is no such key (or, to a HEAD request, no such bucket)."""
    return error_code(error) in _MISSING


def refuses_checksums(error: ClientError) -> bool:
    """Whether a server that knows no CRC headers or trailers may have answered so."""
    return error_code(error) in _REFUSES_CHECKSUMS


def tries_used(error: ClientError) -> int:
    """How many times botocore sent the request that ended in this error."""
    return error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1


@contextmanager
def s3_errors(address: str, *, bucket: str) -> Iterator[None]:
    """Turn errors of botocore and s3transfer into Atelier's; `address` is what the message names."""
    try:
        yield
    except RetriesExceededError as error:
        raise StorageUnavailable(f"{address}: the transfer broke off again and again; try again later") from error
    except ClientError as error:
        raise _answered(error, address, bucket) from error
    except BotoCoreError as error:
        raise _unanswered(error, address) from error


def _answered(error: ClientError, address: str, bucket: str) -> AtelierError:
    code = error_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = f"{code} ({error.response.get('Error', {}).get('Message', '')})"
    if code == "NoSuchBucket" or (is_missing(error) and error.operation_name == "HeadBucket"):
        return InputError(f"{address}: there is no bucket {bucket!r} at this endpoint; create it or correct its name")
    if is_missing(error):
        return ObjectNotFound(f"{address}: no such object")
    if code == "RequestTimeTooSkewed":
        return AccessDenied(f"{address}: the server refuses because this machine's clock is wrong; set the clock")
    if status in (401, 403):
        return AccessDenied(f"{address}: the server answers {said}; check the credentials and the bucket's permissions")
    if code in _FULL or status == 507:
        return StorageFull(f"{address}: the server has no room left; free some and try again")
    if code in ("PreconditionFailed", "412"):
        return IntegrityError(f"{address}: the object was replaced while it was read; read it again")
    if code in _ELSEWHERE:
        return ConfigError(f"{address}: the bucket is in another region ({said}); set the region or the endpoint")
    if code in _BUSY or status >= 500 or status in (408, 429):
        return StorageUnavailable(f"{address}: the server answers {said}; try again later")
    return InputError(f"{address}: the server refuses {error.operation_name} with {said}")


def _unanswered(error: BotoCoreError, address: str) -> AtelierError:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return ConfigError(f"{address}: there are no S3 credentials; {_SET_CREDENTIALS}")
    if isinstance(error, CredentialRetrievalError | TokenRetrievalError | UnauthorizedSSOTokenError):
        return AccessDenied(f"{address}: AWS cannot fetch credentials ({error}); sign in again, or {_SET_CREDENTIALS}")
    if isinstance(error, ParamValidationError):
        return InputError(f"{address}: {error}")
    if isinstance(error, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ConfigError(f"{address}: the server's certificate is not trusted; set AWS_CA_BUNDLE to its authority's")
    return StorageUnavailable(f"{address}: {error}")
