"""The URL of a service that is trusted with a secret or for its answers."""

from typing import Self
from urllib.parse import urlsplit

# The last is this machine as seen from a container of `sam local invoke`.
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost", "host.docker.internal"})
DEFAULT_PORTS = {"http": 80, "https": 443}


class ServiceUrl(str):
    """An `https` URL, or `http` on this machine only; without credentials, query or closing slash.

    Raises:
        ValueError: it is not such a URL.
    """

    __slots__ = ()

    def __new__(cls, url: str) -> Self:
        """Check the URL."""
        parts = urlsplit(url)
        # Reading the port raises ValueError if it is not a number.
        if not parts.hostname or parts.port == 0 or parts.username is not None or parts.query or parts.fragment:
            raise ValueError
        # Without TLS, anybody on the way could read the secret or answer in the service's place.
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in THIS_MACHINE):
            raise ValueError
        return super().__new__(cls, url.rstrip("/"))

    @property
    def origin(self) -> str:
        """Scheme, host and port in one spelling: this machine by whatever name, and the scheme's own port left out."""
        parts = urlsplit(self)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        return f"{parts.scheme}://{'localhost' if host in THIS_MACHINE else host}:{port}"
