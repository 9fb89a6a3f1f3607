"""Certificates of an authority of our own, and a server that speaks TLS in front of a Redis that does not."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Identity:
    """Files of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Vouches for servers and clients."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._begun(self._name, self._key, days=(-1, 30)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(_PEM))

    def issue(self, host: str, *, days: tuple[int, int] = (-1, 30)) -> Identity:
        """A certificate for a host, valid from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        named: x509.GeneralName = (
            x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._begun(subject, key, days=days).add_extension(x509.SubjectAlternativeName([named]), critical=False)
        identity = Identity(self.folder / f"{host}{days[1]}.pem", self.folder / f"{host}{days[1]}.key")
        identity.certificate.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(_PEM))
        private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        identity.key.write_bytes(private)
        return identity

    def _begun(self, subject: x509.Name, key: Any, *, days: tuple[int, int]) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
        )


@contextmanager
def tls_before(socket_path: Path, identity: Identity, *, clients: Path | None = None) -> Iterator[int]:
    """A TLS port of 127.0.0.1 before a unix socket. `clients`: the authority of clients, if they must show one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context, socket_path), daemon=True).start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext, behind: Path) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_connect, args=(client, context, behind), daemon=True).start()


def _connect(client: socket.socket, context: ssl.SSLContext, behind: Path) -> None:
    # The client's refusal of us ends here, as an error of ours that nobody needs.
    with (
        suppress(OSError),
        client,
        context.wrap_socket(client, server_side=True) as inside,
        socket.socket(socket.AF_UNIX) as server,
    ):
        server.connect(str(behind))
        back = threading.Thread(target=_pour, args=(server, inside), daemon=True)
        back.start()
        _pour(inside, server)
        back.join(timeout=5)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
