"""One function process and every service that it uses, each behind a switch."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet
from redis import Redis

from tests.integration.duplicate.tls import certificate
from tests.integration.faults import services
from tests.integration.faults.processes import FunctionProcess, Outcome, function_process
from tests.integration.faults.servers import Background, HttpServer, RedisProxy, Switch
from tests.integration.faults.services import CAMPAIGN, CHART, SIGNED
from tests.private_valkey import PrivateValkey

FUNCTION_SECONDS = 4.0
SETTLE_SECONDS = 3.0
SIGNERS = SIGNED, "*"  # the mark of a set that is known to be whole
SECRET = "made-up-password"
NORTH = {"name": "north", "endpointKey": "DIRECTUS_URL_NORTH"} | {
    f"{part}Key": f"DIRECTUS_{part.upper()}_NORTH" for part in ("email", "password")
}


@dataclass(frozen=True)
class Route:
    """A function and what it is asked in each cell.

    Attributes:
        handler: as in the template.
        path: of the API; "" if it is not a route.
        body: of the request.
        headers: besides the usual ones.
        success: its answer when all is well.
        seconds: the function's time-out.
    """

    handler: str
    path: str = ""
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    success: str = "200"
    seconds: float = FUNCTION_SECONDS


ROUTES = {
    "essearch": Route("essearch.app.handler", "/api/essearch", {"lastName": "Lee", "credentials": NORTH}),
    "essearch-common": Route("essearch.common.handler", "/api/essearch-common", {"lastName": "Lee"}),
    "duplicate": Route("duplicate.app.handler", "/api/duplicate", {"campaignId": CAMPAIGN, "voterId": SIGNED}),
    "chart": Route("charts.app.handler", f"/api/charts/{CHART}"),
    "chart, queued": Route(
        "charts.app.handler", f"/api/charts/{CHART}", headers={"prefer": "respond-async"}, success="202"
    ),
    "revalidate": Route("permissions.app.handler", "/api/permissions/revalidate"),
    "schedule": Route("charts.refresh.handler", success="1 of 1 queued"),
    "worker": Route("charts.worker.handler", success="done"),
}


@dataclass
class Scene:
    """A cell's own process and services."""

    route: Route
    process: FunctionProcess
    redis: RedisProxy
    directus: HttpServer
    supabase: HttpServer
    queue: HttpServer
    secrets: HttpServer
    frontend: HttpServer
    tls: HttpServer
    valkey: Redis
    log: Path
    by_published_key: bool
    user: str = field(default_factory=lambda: str(uuid4()))

    @property
    def servers(self) -> dict[str, Switch]:
        """The services by their names."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Switch)}

    def remember_permissions(self) -> None:
        """Have the caller's permissions cached."""
        self.valkey.set(f"permissions-{self.user}", json.dumps(services.permissions(self.user)), ex=600)

    def forget_permissions(self) -> None:
        """Have them not cached."""
        self.valkey.delete(f"permissions-{self.user}", f"{{permissions-{self.user}}}:lease")

    def ask(self) -> tuple[str, Outcome]:
        """Send the route's request.

        Returns:
            its answer in a few words, and the whole outcome.
        """
        outcome = self.process.invoke(self.route.handler, self._event(), seconds=self.route.seconds)
        return describe(outcome.result), outcome

    def ask_until(self, words: str, seconds: float) -> str:
        """Ask until the answer is `words`, for at most `seconds`.

        Returns:
            the last answer in a few words.
        """
        deadline = time.monotonic() + seconds
        while (answer := self.ask()[0]) != words and time.monotonic() < deadline:
            time.sleep(0.05)
        return answer

    def leaks(self, sockets: int) -> str:
        """Return what the process should have released, given the sockets that it began with."""
        return _eventually_empty(lambda: ", ".join(self._leaks(sockets)))

    def _leaks(self, sockets: int) -> Iterator[str]:
        if self.process.sockets > sockets + len(self.servers):
            yield f"{self.process.sockets} sockets"
        if self.process.threads > 1:
            yield f"{self.process.threads} threads"
        yield from (f"connections to {name}" for name, server in self.servers.items() if server.connections > 1)

    def _event(self) -> object:
        if self.route.path:
            session = services.session(self.user, by_published_key=self.by_published_key)
            return services.event(self.route.path, self.route.body, session, **self.route.headers)
        message = {"chart_id": CHART, "requested_at": datetime.now(UTC).isoformat()}
        return {"Records": [{"messageId": "1", "body": json.dumps(message)}]}


def describe(result: Any) -> str:  # noqa: ANN401 - any handler's result
    """Describe an answer in a few words: its status, its error's code, its Retry-After."""
    match result:
        case str():
            return f"raises {result}"
        case {"batchItemFailures": failures}:
            return "comes again" if failures else "done"
        case {"due": due, "queued": queued}:
            return f"{queued} of {due} queued"
    words = [str(result["statusCode"]), json.loads(result["body"]).get("code", "")]
    retry_after = result["headers"].get("Retry-After")
    return " ".join(filter(None, [*words, f"after {retry_after}" if retry_after else ""]))


@contextmanager
def scene(
    loop: Background,
    valkey: PrivateValkey,
    route: Route,
    log: Path,
    different: Mapping[str, str],
) -> Iterator[Scene]:
    """Run the process and the services of one cell for the length of a block.

    Args:
        loop: where the services run.
        valkey: the Redis behind the switch.
        route: which function is started.
        log: where it writes its log.
        different: variables that differ from the usual ones. A value may name a service's address, as in
            `https://{directus.address}`.
    """
    servers = servers_of(valkey, _tls(log.parent))
    for server in servers.values():
        loop.run(server.listen())
    environment = environment_of(servers) | {name: text.format(**servers) for name, text in different.items()}
    try:
        with function_process(environment, log) as process:
            by_published_key = not environment["SUPABASE_JWT_SECRET"]
            yield Scene(route, process, valkey=valkey.client, log=log, by_published_key=by_published_key, **servers)
    finally:
        for server in servers.values():
            loop.run(server.stop())


def servers_of(valkey: PrivateValkey, tls: ssl.SSLContext | None = None) -> dict[str, Any]:
    """Create a server for each service, without a fault. They do not listen yet."""
    return {
        "redis": RedisProxy(valkey.port),
        "directus": HttpServer(services.directus),
        "supabase": HttpServer(services.supabase),
        "queue": HttpServer(services.queue),
        "secrets": HttpServer(services.secret_store(SECRET)),
        "frontend": HttpServer(services.frontend),
        "tls": HttpServer(services.directus, tls),
    }


def _tls(folder: Path) -> ssl.SSLContext:
    """Return the certificate of a server that no authority vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    return context


def environment_of(servers: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of a function that uses these servers."""
    directus = servers["directus"].url
    return {
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_SQS": servers["queue"].url,
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": servers["secrets"].url,
        "CHART_SECONDS": "2",
        "SIGNERS_QUEUE_URL": f"{servers['queue'].url}/123456789012/signers",
        "CHART_QUEUE_URL": f"{servers['queue'].url}/123456789012/charts",
        "COOKIE_KEYS": Fernet.generate_key().decode(),
        "DIRECTUS_URL_SEARCH": directus,
        "DIRECTUS_API_EMAIL_SEARCH": "search@example.org",
        "DIRECTUS_API_PASSWORD_SEARCH": SECRET,
        "DIRECTUS_URL_NORTH": directus,
        "DIRECTUS_EMAIL_NORTH": "north@example.org",
        "DIRECTUS_PASSWORD_NORTH": SECRET + "-north",
        "NEXT_REVALIDATE_URL": f"{servers['frontend'].url}/api/revalidate-permissions",
        "NEXT_REVALIDATE_SECRET": SECRET + "-of-the-frontend",
        "REDIS_URL": servers["redis"].url,
        "SUPABASE_JWT_SECRET": services.SHARED_SECRET,
        "SUPABASE_URL": servers["supabase"].url,
        "SUPABASE_SECRET_KEY": "sb_secret_" + SECRET,
    }


def _eventually_empty(look: Callable[[], str]) -> str:
    deadline = time.monotonic() + SETTLE_SECONDS
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
