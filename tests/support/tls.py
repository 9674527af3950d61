"""TLS in front of a server on loopback, with a certificate of its own: some clients speak https only."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHUNK = 64 * 1024


@dataclass
class Tls:
    """Passes what comes over TLS on to the port ``behind``. ``folder`` is for the certificate."""

    folder: Path
    behind: int
    host: str = "127.0.0.1"
    """Where it listens; the certificate is for 127.0.0.1 and localhost."""

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate())
        self._listener = socket.create_server((self.host, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(context,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"

    @property
    def ca_file(self) -> Path:
        """What a client has to trust."""
        return self.folder / "ca.pem"

    def _accept(self, context: ssl.SSLContext) -> None:
        with suppress(OSError):
            while True:
                raw, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(context, raw), daemon=True).start()

    def _serve(self, context: ssl.SSLContext, raw: socket.socket) -> None:
        with suppress(OSError), raw:
            raw.settimeout(60)
            client = context.wrap_socket(raw, server_side=True)
            with client, socket.create_connection(("127.0.0.1", self.behind), timeout=60) as server:
                # TLS of one connection is for one thread: so both directions take turns, in short waits
                _relay(client, server)

    def _certificate(self) -> Path:
        """A certificate and its key in one file; and the certificate alone, which signs itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
        authority = _Authority(name, key)
        public = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")]))
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(usage, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca_file.write_bytes(authority.pem(now))
        path = self.folder / "server.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(public.public_bytes(serialization.Encoding.PEM) + secret)
        return path


@dataclass
class _Authority:
    """Who signs the server's certificate. It has the same key, which nobody minds here."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    def pem(self, now: datetime) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)


def _relay(client: ssl.SSLSocket, server: socket.socket) -> None:
    """Both ways, until one side ends."""
    client.settimeout(0.02)
    server.settimeout(0.02)
    pairs = ((client, server), (server, client))
    while True:
        for source, target in pairs:
            try:
                data = source.recv(CHUNK)
            except TimeoutError:
                continue
            if not data:
                return
            target.settimeout(60)
            target.sendall(data)
            target.settimeout(0.02)
