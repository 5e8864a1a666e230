"""How httpx calls what runs on this machine."""

import ssl
from typing import TypedDict


class Options(TypedDict):
    """What `httpx.Client` and `httpx.get` take for it."""

    trust_env: bool
    verify: ssl.SSLContext


# No proxy of the developer's stands between, and nothing speaks TLS. Left to itself, each client would read the
# certificates of all authorities, which takes 30 ms: as long as the pause between two looks whether a service is ready.
LOOPBACK: Options = {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
