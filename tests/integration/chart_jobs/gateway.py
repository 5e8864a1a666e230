"""The charts' functions behind the gateway, as the template has them, and their callers."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx
from redis import Redis

from local.loopback import LOOPBACK
from local.state import ROOT
from petition.auth.permissions import tag
from tests.integration.gateway.harness import Harness
from tests.integration.lambda_process import encode_permissions, session

SECONDS = 40
SETTINGS = {"template": ROOT / "template.yaml", "layers": [ROOT / "layers" / "shared"], "reload": False}
ORGANIZER = "01a2074c-0000-7000-8000-000000000001"
VIEWER = "01a2074c-0000-7000-8000-000000000002"
ELSEWHERE = "01a2074c-0000-7000-8000-000000000003"


def permission_sets() -> Mapping[str, str]:
    """What Redis holds of each user: everything everywhere, nothing, and everything in another campaign."""
    other = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
    return {
        tag(ORGANIZER): encode_permissions("charts:generate", user=ORGANIZER),
        tag(VIEWER): encode_permissions(user=VIEWER),
        tag(ELSEWHERE): encode_permissions("charts:generate", user=ELSEWHERE, campaign=other),
    }


def remember(url: str) -> None:
    """Store the permission sets."""
    with Redis.from_url(url, socket_timeout=SECONDS) as redis:
        redis.mset(dict(permission_sets()))


@dataclass
class Api:
    """A running gateway."""

    running: Harness

    def generate(
        self, chart: UUID | str, user: str = ORGANIZER, body: str | None = None, **headers: str
    ) -> httpx.Response:
        """Ask for a chart."""
        given = {"Authorization": f"Bearer {session(user)}", "Content-Type": "application/json", **headers}
        url = f"{self.running.gateway.url}/api/charts/{chart}"
        return httpx.post(url, headers=given, content=body, timeout=SECONDS, **LOOPBACK)

    def kill_worker(self) -> None:
        """Kill the worker's process, as the kernel does where memory is short."""
        (worker,) = self.running.gateway._pools["WorkerFunction"]._all
        os.kill(worker._process.pid, signal.SIGKILL)


def error(response: httpx.Response) -> tuple[int, str]:
    """An error's status and code."""
    return response.status_code, response.json()["code"]
