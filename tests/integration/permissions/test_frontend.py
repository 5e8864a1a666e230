"""Calls of the frontend: what is sent, how long they may take, and what their failures mean."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from local.services.node import NODE
from permissions.frontend import Frontend, FrontendSettings
from petition.config.service_url import ServiceUrl
from petition.config.settings import SettingsError
from petition.deadline import Deadline
from petition.errors import UpstreamError
from tests.integration.sessions.scripted import Upstream, drips, gives_up, hangs_up, in_turn, is_silent, says, upstream

SECRET = "a made-up secret"
TAG = "permissions-01a20728-9052-717c-aaa2-3a6dfb7658c9"
TOLD = says(200, b'{"revalidated": true}')


@pytest.fixture
def frontend() -> Iterator[Upstream]:
    with upstream(TOLD) as found:
        yield found


def tell(url: str, tag: str = TAG, secret: str = SECRET) -> None:
    environ = {"NEXT_REVALIDATE_URL": url, "NEXT_REVALIDATE_SECRET": secret}
    Frontend(lambda: FrontendSettings.load(environ)).revalidate(tag, Deadline(10))


def test_it_is_sent_the_tag_with_the_secret_in_a_header(frontend: Upstream) -> None:
    tell(f"{frontend.url}/api/revalidate-permissions")
    [(method, path, headers, body)] = frontend.requests
    assert (method, path) == ("POST", "/api/revalidate-permissions")
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert json.loads(body) == {"tag": TAG}


def test_without_an_address_nobody_is_told() -> None:
    for environ in ({}, {"NEXT_REVALIDATE_SECRET": SECRET}):
        Frontend(partial(FrontendSettings.load, environ)).revalidate(TAG, Deadline(10))


@pytest.mark.parametrize(
    "answer",
    [
        says(401),
        says(404),
        says(429),
        says(200),
        says(200, b"<html>Please sign in</html>"),
        says(200, b'{"revalidated": false}'),
        says(200, b'{"ok": true}'),
        says(500, b"a stack trace"),
        says(307, Location="https://evil.example/"),
        hangs_up,
        drips,
        is_silent,
    ],
)
def test_any_failure_is_one_in_time(frontend: Upstream, answer: Callable[..., None]) -> None:
    frontend.answer = answer
    with gives_up(), pytest.raises(UpstreamError, match="website could not be told"):
        tell(frontend.url)


def test_an_answer_just_in_time_is_good(frontend: Upstream) -> None:
    def slow(request: object) -> None:
        time.sleep(1)
        TOLD(request)  # type: ignore[arg-type]

    frontend.answer = slow
    tell(frontend.url)


def test_a_rotated_secret_is_taken_within_the_request(frontend: Upstream) -> None:
    settings = iter([SECRET, "another made-up secret", "another made-up secret"])
    client = Frontend(
        lambda: FrontendSettings(next_revalidate_url=ServiceUrl(frontend.url), next_revalidate_secret=next(settings))
    )
    frontend.answer = in_turn(says(401), TOLD)
    client.revalidate(TAG, Deadline(10))
    client.revalidate(TAG, Deadline(10))
    secrets = [headers["authorization"].removeprefix("Bearer ") for _, _, headers, _ in frontend.requests]
    assert secrets == [SECRET, "another made-up secret", "another made-up secret"]


def test_a_frontend_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(UpstreamError):
        tell("http://127.0.0.1:1/")


def test_a_connection_that_died_meanwhile_is_made_anew(frontend: Upstream) -> None:
    frontend.answer = in_turn(TOLD, hangs_up, TOLD)
    tell(frontend.url)
    tell(frontend.url)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"NEXT_REVALIDATE_URL": "https://app.example.org"}, "NEXT_REVALIDATE_SECRET"),
        (
            {"NEXT_REVALIDATE_URL": "https://app.example.org", "NEXT_REVALIDATE_SECRET": "short"},
            "NEXT_REVALIDATE_SECRET",
        ),
        ({"NEXT_REVALIDATE_URL": "http://app.example.org", "NEXT_REVALIDATE_SECRET": SECRET}, "NEXT_REVALIDATE_URL"),
        ({"NEXT_REVALIDATE_URL": "//app", "NEXT_REVALIDATE_SECRET": SECRET}, "NEXT_REVALIDATE_URL"),
    ],
)
def test_broken_settings_are_named_and_not_shown(environ: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        FrontendSettings.load(environ)
    assert "short" not in str(caught.value)


# --- the handler in the documentation, run by Node with the two Next.js functions it uses replaced

SERVER = """
import { createServer } from "node:http";
import { POST } from "./route.ts";

const server = createServer(async (request, response) => {
  const body = await Array.fromAsync(request);
  const { headers } = request;
  const answer = await POST(new Request("http://x/", { method: "POST", headers, body: Buffer.concat(body) }));
  response.writeHead(answer.status).end(await answer.text());
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
"""
NEXT_CACHE = "export const revalidateTag = (...given) => console.log(JSON.stringify(given));"


@dataclass
class DocumentedHandler:
    """The handler of the documentation, running; `line` is what it called `revalidateTag` with."""

    url: str
    process: subprocess.Popen[str]

    def line(self) -> object:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def documented_handler(tmp_path: Path) -> Iterator[DocumentedHandler]:
    page = Path("docs/nextjs-revalidate.md").read_text()
    handler = re.search(r"/route\.ts\n(import { createHash.*?)```", page, re.DOTALL)
    assert handler
    (tmp_path / "route.ts").write_text(handler[1])
    (tmp_path / "server.mjs").write_text(SERVER)
    cache = tmp_path / "node_modules" / "next"
    cache.mkdir(parents=True)
    (cache / "cache.mjs").write_text(NEXT_CACHE)
    (cache / "package.json").write_text('{"name": "next", "exports": {"./cache": "./cache.mjs"}}')
    command, environment = [str(NODE), "server.mjs"], {"REVALIDATE_SECRET": SECRET}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - the page's own code
        assert process.stdout
        yield DocumentedHandler(f"http://127.0.0.1:{int(process.stdout.readline())}/", process)
        process.kill()


def test_the_documented_handler_takes_what_is_sent(documented_handler: DocumentedHandler) -> None:
    tell(documented_handler.url)
    assert documented_handler.line() == [TAG, {"expire": 0}]


@pytest.mark.parametrize(("tag", "secret"), [(TAG, "another made-up secret"), ("every-page", SECRET), ("", SECRET)])
def test_the_documented_handler_refuses_strangers_and_other_tags(
    documented_handler: DocumentedHandler, tag: str, secret: str
) -> None:
    with pytest.raises(UpstreamError):
        tell(documented_handler.url, tag, secret)
