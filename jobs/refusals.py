"""What to tell people whose Redis refuses a command, or is not the one that its certificate says."""

from __future__ import annotations

import re
import ssl

_COMMAND = re.compile(r"'([\w|]+)' command|command '([\w|]+)'")

_CALL = re.compile(r"redis\.call\('(\w+)'")

_REASONS = {
    "certificate has expired": "its certificate has expired; renew it",
    "is not valid for": "its certificate is of another host; write the host as the certificate names it",
    "Hostname mismatch": "its certificate is of another host; write the host as the certificate names it",
    "IP address mismatch": "its certificate is of another host; write the host as the certificate names it",
    "self-signed certificate": "an authority that we do not know vouches for it; name that in ATELIER_REDIS_CA",
    "unable to get local issuer": "an authority that we do not know vouches for it; name that in ATELIER_REDIS_CA",
    "certificate required": "it wants a certificate of ours; name one in ATELIER_REDIS_CERTIFICATE",
}
"""Part of what OpenSSL says → what it means, and what would be right."""


def is_refusal(error: Exception) -> bool:
    """Whether Redis said that our user lacks a right."""
    text = str(error)
    return "no permissions" in text or "NOPERM" in text or "can't run this command" in text or "ACL failure" in text


def refused(error: Exception, script: str = "") -> str:
    """The sentence for a user of Redis who lacks a right, naming what was refused. `script`: what was being run."""
    text = str(error)
    found = _COMMAND.search(text)
    if found:
        what = f"the command {(found[1] or found[2]).upper()}"
    elif commands := _of_line(text, script):
        what = f"the command {commands}"
    elif "keys" in text:
        what = "a key outside its pattern; does it fit ATELIER_REDIS_PREFIX?"
    elif "channels" in text:
        what = "a channel outside its pattern"
    else:
        what = f"a command ({text})"
    return f"Redis refuses our user {what}; give it the rights that docs/security.md lists"


def _of_line(text: str, script: str) -> str:
    """Of a script, Redis 6 names the line alone."""
    found = re.search(r"user_script: ?(\d+)", text)
    lines = script.splitlines()
    if found is None or int(found[1]) > len(lines):
        return ""
    return " or ".join(dict.fromkeys(_CALL.findall(lines[int(found[1]) - 1])))


def distrusted(error: Exception) -> str | None:
    """The sentence for a TLS connection that was refused; None if something else is wrong."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    text = str(seen if seen is not None else error)
    for part, meaning in _REASONS.items():
        if part in text:
            return f"Redis is not trusted: {meaning}"
    if seen is None:
        return None
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return "Redis does not speak TLS there; write redis:// for rediss://, or its TLS port"
    if isinstance(seen, ssl.SSLCertVerificationError):
        return f"Redis is not trusted: {seen.verify_message}; see its certificate, and ATELIER_REDIS_CA"
    return None
