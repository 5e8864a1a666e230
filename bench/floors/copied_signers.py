"""The least that a rebuild can be: read the table once, and add what is read in pipelines."""

import json
import sys
import time
from itertools import batched

import psycopg
from redis import Redis

PAGE, CHUNK = 10_000, 1000
QUERY = "select voter_id from signatures where campaign_id = %s and counts"
database_url, redis_url, campaign = sys.argv[1:]
begin = time.perf_counter()
with psycopg.connect(database_url) as database, Redis.from_url(redis_url) as redis:
    redis.unlink("floor")
    cursor = database.cursor("signers")
    cursor.itersize = PAGE
    cursor.execute(QUERY, (campaign,))
    for page in batched(cursor, PAGE, strict=False):
        pipeline = redis.pipeline(transaction=False)
        for chunk in batched(page, CHUNK, strict=False):
            pipeline.sadd("floor", *(voter for (voter,) in chunk))
        pipeline.execute()
print(json.dumps({"seconds": time.perf_counter() - begin}))
