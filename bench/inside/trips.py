"""A handler's round trips to its upstreams: seen while it answers, and then made again without it.

Redis commands and HTTP requests are taken down where they enter the clients, synchronous or not, and asked again on a
connection that is kept: of the same client, and for httpcore's pool of httpx's client, as one would write it by hand.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast
from unittest.mock import patch

import httpcore
import httpx
import redis
import redis.asyncio

type Command = Sequence[str | bytes]


@dataclass(frozen=True)
class RedisTrip:
    """Commands that went out together."""

    client: Any
    commands: list[Command]

    @property
    def essential(self) -> list[Command]:
        """What the route is for. Looking up permissions is what a handler does besides: its own cost."""
        return [
            words for words in self.commands if not (words[0] == "GET" and str(words[1]).startswith("permissions-"))
        ]

    def repeat(self) -> object:
        """Send the commands again that are essential."""
        if len(self.essential) == 1:
            return self.client.execute_command(*self.essential[0])
        pipeline = self.client.pipeline(transaction=False)
        for command in self.essential:
            pipeline.execute_command(*command)
        return pipeline.execute()

    def describe(self) -> dict[str, object]:
        """For another process to make it."""
        return {"redis": [[_text(word) for word in command] for command in self.commands]}


@dataclass(frozen=True)
class HttpTrip:
    """One request and its answer."""

    client: Any
    request: httpx.Request

    def repeat(self) -> object:
        """Make the same request; the answer is read, and not parsed."""
        request = self.request
        headers, timeout = request.headers, request.extensions["timeout"]
        return self.client.request(
            request.method, request.url, headers=headers, content=request.content, timeout=httpx.Timeout(**timeout)
        )

    def describe(self) -> dict[str, object]:
        """For another process to make it."""
        request = self.request
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}}
        content = request.content.decode()
        return {"method": request.method, "url": str(request.url), "headers": headers, "content": content}


type Trip = RedisTrip | HttpTrip


@contextmanager
def record_trips() -> Iterator[list[Trip]]:
    """Record every round trip of a block."""
    trips: list[Trip] = []
    with (
        patch.object(httpcore.ConnectionPool, "handle_request", _wrap_send(trips)),
        patch.object(httpx.AsyncClient, "send", _wrap_async_send(trips)),
        _redis(redis.Redis, redis.client.Pipeline, trips),
        _redis(redis.asyncio.Redis, redis.asyncio.client.Pipeline, trips),
    ):
        yield trips


@contextmanager
def _redis(client: type[Any], pipeline: type[Any], trips: list[Trip]) -> Iterator[None]:
    command, execute = client.execute_command, pipeline.execute

    def single(self: Any, *words: str, **options: Any) -> object:  # noqa: ANN401 - the client's own
        trips.append(RedisTrip(self, [words]))
        return command(self, *words, **options)

    def several(self: Any, *arguments: Any, **options: Any) -> object:  # noqa: ANN401 - the client's own
        trips.append(RedisTrip(_owner(self), [words for words, _ in self.command_stack]))
        return execute(self, *arguments, **options)

    with patch.object(client, "execute_command", single), patch.object(pipeline, "execute", several):
        yield


def _owner(pipeline: Any) -> Any:  # noqa: ANN401 - of the pipeline's kind
    """A client on the pipeline's connections."""
    kind = redis.asyncio.Redis if isinstance(pipeline, redis.asyncio.Redis) else redis.Redis
    return kind(connection_pool=pipeline.connection_pool)


def _wrap_send(trips: list[Trip]) -> Callable[..., Any]:
    send, client = httpcore.ConnectionPool.handle_request, httpx.Client()

    def record_and_send(self: httpcore.ConnectionPool, request: httpcore.Request) -> httpcore.Response:
        trips.append(HttpTrip(client, _request(request)))
        return send(self, request)

    return record_and_send


def _wrap_async_send(trips: list[Trip]) -> Callable[..., Any]:
    send = httpx.AsyncClient.send

    def record_and_send(self: httpx.AsyncClient, request: httpx.Request, **options: Any) -> object:  # noqa: ANN401 - the client's own
        trips.append(HttpTrip(self, request))
        return send(self, request, **options)

    return record_and_send


def _request(request: httpcore.Request) -> httpx.Request:
    url, stream = request.url, cast("Iterable[bytes]", request.stream)
    address = httpx.URL(scheme=url.scheme.decode(), host=url.host.decode(), port=url.port, raw_path=url.target)
    return httpx.Request(
        request.method.decode(),
        address,
        headers=request.headers,
        content=b"".join(stream),
        extensions=request.extensions,
    )


def make_repeater(trips: Sequence[Trip]) -> Callable[[], None]:
    """A function that makes these trips, one after another, without those that look up permissions alone."""
    trips = [trip for trip in trips if isinstance(trip, HttpTrip) or trip.essential]
    if not isawaitable(first := trips[0].repeat()):
        return lambda: _all(trips)
    loop = asyncio.get_event_loop()
    loop.run_until_complete(_await_one(first))
    return lambda: loop.run_until_complete(_await_all(trips))


def _all(trips: Sequence[Trip]) -> None:
    for trip in trips:
        trip.repeat()


async def _await_all(trips: Sequence[Trip]) -> None:
    for trip in trips:
        result = trip.repeat()
        if isawaitable(result):
            await result


async def _await_one(awaitable: Awaitable[object]) -> None:
    await awaitable


def _text(word: str | bytes) -> str:
    return word.decode() if isinstance(word, bytes) else str(word)
