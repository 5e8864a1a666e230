"""The floor of a route that asks Redis alone."""

import json
import os
from typing import Any

import jwt  # noqa: F401 - what the session needs
from redis import Redis

HANDLED = {"statusCode": 200}


def handler(_event: object, _context: object) -> dict[str, int]:
    """Make the round trips in the file that BENCH_TRIPS names."""
    redis = Redis.from_url(os.environ["REDIS_URL"])
    for trip in trips():
        ask(redis, trip["redis"])
    return HANDLED


def trips() -> list[dict[str, Any]]:
    """The recorded round trips of the route."""
    with open(os.environ["BENCH_TRIPS"]) as file:  # noqa: PTH123 - pathlib is an import that a floor need not have
        recorded: list[dict[str, Any]] = json.load(file)
    return recorded


def ask(redis: Redis, commands: list[list[str]]) -> None:
    """One round trip to Redis."""
    pipeline = redis.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it so
    pipeline.execute()
