"""What a signer costs Redis, measured on a Valkey of our own."""

from itertools import batched
from random import Random
from typing import Final

from redis import Redis

from tests.private_valkey import PrivateValkey

MEMBERS: Final = 200_000


def bytes_a_signer() -> float:
    """The memory that a set of voters takes, by member: ids of eight digits, as many as a large campaign has."""
    random = Random(1)  # noqa: S311 - made-up voters
    ids = (str(random.randrange(10**7, 10**8)) for _ in range(MEMBERS))
    with PrivateValkey() as server, Redis.from_url(server.url) as redis:
        before = redis.info("memory")["used_memory"]
        for some in batched(ids, 5000, strict=False):
            redis.sadd("campaign:any:signers", *some)
        grown = float(redis.info("memory")["used_memory"]) - float(before)
        return grown / int(redis.scard("campaign:any:signers"))
