"""The options with which httpx calls this machine."""

import ssl
from typing import TypedDict


class Options(TypedDict):
    """Keyword arguments of `httpx.Client` and `httpx.get`."""

    trust_env: bool
    verify: ssl.SSLContext


# No proxy of the developer's is used, and nothing speaks TLS. By default each client would read the certificates of all
# authorities, which takes 30 ms: as long as the pause between two checks whether a service is ready.
LOOPBACK: Options = {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
