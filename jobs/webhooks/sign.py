"""How a receiver knows that a webhook comes from here, and was not sent again by a stranger.

    Atelier-Signature: t=1767225600,v1=5257a869…

`v1` is the HMAC-SHA-256 of `t`, a dot and the body, under the secret; there is one for each secret that is in use. `t`
is when it was sent, in seconds since the epoch: a receiver refuses what is old.
Source: RFC 2104. The form is that of Stripe's webhooks, which many libraries check.
"""

from __future__ import annotations

import hashlib
import hmac

from jobs.config import Settings

HEADER = "Atelier-Signature"


def secrets(config: Settings) -> list[str]:
    """The secrets to sign with; none: webhooks are not signed."""
    return config.webhook_secret.get_secret_value().split() if config.webhook_secret is not None else []


def signature(secret: str, body: bytes, at: int) -> str:
    """The signature of a body that is sent at that time, in hexadecimal."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def header(config: Settings, body: bytes, at: int) -> dict[str, str]:
    """The header to send with a body; none without a secret."""
    signed = [f"v1={signature(secret, body, at)}" for secret in secrets(config)]
    return {HEADER: ",".join([f"t={at}", *signed])} if signed else {}
