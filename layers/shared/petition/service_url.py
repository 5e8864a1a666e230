"""The address of a service that is trusted with a secret or for its answers."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

# The last is this machine as seen from a container of `sam local invoke`.
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost", "host.docker.internal"})


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise ValueError
    # In the clear, anybody on the way could read the secret or answer in the service's place.
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in THIS_MACHINE):
        raise ValueError
    return url.rstrip("/")


type ServiceUrl = Annotated[str, AfterValidator(_checked)]
"""`https`, or `http` on this machine alone; without credentials, query or closing slash."""
