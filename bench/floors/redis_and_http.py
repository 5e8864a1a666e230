"""The floor of a route that asks Redis, and Directus or Supabase over HTTP."""

import os

import httpx
from redis import Redis

from .redis_alone import HANDLED, ask, trips


def handler(_event: object, _context: object) -> dict[str, int]:
    """Make the round trips in the file that BENCH_TRIPS names."""
    redis, http = Redis.from_url(os.environ["REDIS_URL"]), httpx.Client()
    for trip in trips():
        if "redis" in trip:
            ask(redis, trip["redis"])
        else:
            http.request(**trip).raise_for_status()
    return HANDLED
