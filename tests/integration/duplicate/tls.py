"""TLS in front of a server that has none: a proxy, and a certificate authority of its own."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
CHUNK = 1 << 16


def certificate(folder: Path, host: str = HOST) -> Path:
    """A file with a key and its certificate for a host, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "made up")]), datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption(), serialization.Encoding.PEM
    private = key.private_bytes(plain[1], serialization.PrivateFormat.PKCS8, plain[0])
    file = folder / f"{signed.serial_number}.pem"
    file.write_bytes(private + signed.public_bytes(plain[1]))
    return file


@contextmanager
def tls_proxy(port: int, pem: Path) -> Iterator[int]:
    """Listen with TLS, and forward everything to a port of this machine. Yields the port that it listens on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, context, port, over))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            client, _ = listener.accept()
            threading.Thread(target=_hand_on, args=(client, context, port), daemon=True).start()


def _hand_on(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """One request and its replies at a time, as the commands of a check come."""
    client.settimeout(2)
    with (
        suppress(OSError),
        context.wrap_socket(client, server_side=True) as secure,
        socket.create_connection((HOST, port), timeout=2) as server,
    ):
        while request := secure.recv(CHUNK):
            server.sendall(request)
            secure.sendall(server.recv(CHUNK))
    client.close()
