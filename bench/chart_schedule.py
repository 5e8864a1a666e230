"""What listing, queueing and the worker add to the database's own work for charts.

    python -m bench.chart_schedule [--charts 10000]

Every chart is one count over a thousand signatures, so that the overhead shows and not the query. The functions run
under Lambda's runtime as the template has them, against Supabase's REST interface over a PostgreSQL of the benchmark's
own; a stand-in for SQS takes and counts what is sent, since moto's would be what is measured.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import batched
from typing import Final

from psycopg.types.json import Jsonb

from bench.machine import describe
from bench.report import Limit, Row, table
from local.gateway import Gateway, GatewayConfig
from local.services.aws import CREDENTIALS
from local.state import ROOT
from testing import postgres
from testing.rest import Rest, serve
from tests.queue_sink import QueueSink, queue_sink

CHARTS: Final = 10_000
# Of these one at a time, for what one chart costs.
SAMPLE: Final = 1_000
# What one chart may take through the worker, and all of them through four.
CHART_MS: Final = 8.0
TOGETHER_SECONDS: Final = 35.0
CAMPAIGN: Final = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
DEFINITION: Final = {"source": "signatures", "measures": [{"name": "n", "type": "count"}]}
JOB: Final = "refresh-all-charts"
FILL: Final = """
insert into signatures (campaign_id, voter_id, signed_at, channel)
  select campaigns.id, number::text, now(), 'mail' from campaigns, generate_series(1, 1000) as number
"""

type Messages = Sequence[str]


def rows(count: int = CHARTS) -> Iterator[Row]:
    """Measure with so many charts; the lines of the benchmarks' table."""
    print(f"Measuring the way of {count:,} due charts", file=sys.stderr)
    with postgres.server() as server:
        server.create_project("schedule")
        with serve(server, "schedule") as rest, queue_sink() as sink:
            yield from asyncio.run(_rows(server, rest, sink, count))


async def _rows(server: postgres.Server, rest: Rest, sink: QueueSink, count: int) -> list[Row]:
    _fill(server, count)
    async with _functions(rest, sink.url) as functions:
        await functions.invoke("RefreshFunction", {})  # starts its process
        sink.calls.clear()
        listing = await _seconds(functions.invoke("RefreshFunction", {}))
        calls, messages = len(sink.calls), [body for call in sink.calls for body in call]
        workers, batch = _mapping(functions)
        sample = messages[:SAMPLE]
        await _work(functions, messages[-batch:], batch, 1)
        alone = await _seconds(_work(functions, sample, batch, 1))
        floor = _time_database_alone(server, sample)
        again = await _seconds(_work(functions, sample, batch, 1))
        _forget(server)
        together = await _seconds(_work(functions, messages, batch, workers))
    _check(server, count)
    return [
        Row(f"{count:,} due charts, listed and queued", JOB, f"{listing:.1f} s"),
        Row(
            "calls of SQS for them",
            JOB,
            f"{calls:,}",
            floor=f"{count / 10:,.0f}",
            limits=[Limit(calls, count / 10, "")],
        ),
        Row(
            "one chart through the worker",
            JOB,
            _each(alone, sample),
            floor=_each(floor, sample),
            to_floor=alone / floor,
            limits=[Limit(alone / len(sample) * 1000, CHART_MS, "ms")],
        ),
        Row("a message that is delivered again", JOB, _each(again, sample)),
        Row(
            f"all {count:,} through {workers} workers at once",
            JOB,
            f"{together:.0f} s",
            limits=[Limit(together, TOGETHER_SECONDS, "s")] if count == CHARTS else [],
        ),
    ]


def _fill(server: postgres.Server, count: int) -> None:
    query = "insert into charts (campaign_id, title, config) select %s, 'A chart', %s from generate_series(1, %s)"
    with server.connect("schedule") as database:
        database.execute("insert into campaigns (id, name) values (%s, 'Benchmark')", (CAMPAIGN,))
        database.execute(FILL)
        database.execute(query, (CAMPAIGN, Jsonb(DEFINITION), count))
        database.execute("analyze")


def _forget(server: postgres.Server) -> None:
    with server.connect("schedule") as database:
        database.execute("update charts set data = null, generated_at = null, status = 'pending'")
        database.execute("vacuum analyze charts")


def _check(server: postgres.Server, count: int) -> None:
    """The time is worth nothing if the charts are not all generated."""
    with server.connect("schedule") as database:
        (ready,) = database.execute("select count(*) from charts where status = 'ready'").fetchall()[0]
    if ready != count:
        message = f"{ready} of {count} charts were generated"
        raise SystemExit(message)


def _time_database_alone(server: postgres.Server, messages: Messages) -> float:
    """Seconds for generating the same charts over one connection that knows nothing of HTTP."""
    charts = [json.loads(message)["chart_id"] for message in messages]
    with server.connect("schedule") as database:
        began = time.perf_counter()
        for chart in charts:
            database.execute("select generate_chart(%s)", (chart,)).fetchall()
        return time.perf_counter() - began


@asynccontextmanager
async def _functions(rest: Rest, sqs_url: str) -> AsyncIterator[Gateway]:
    environment = CREDENTIALS | {
        "AWS_ENDPOINT_URL": sqs_url,
        "CHART_QUEUE_URL": f"{sqs_url}/123456789012/ChartQueue",
        "SUPABASE_URL": rest.url,
        "SUPABASE_SECRET_KEY": rest.secret_key,
    }
    config = GatewayConfig(
        template=ROOT / "template.yaml",
        layers=[ROOT / "layers" / "shared"],
        environment={"*": environment},
        reload=False,
    )
    async with Gateway(config) as gateway:
        yield gateway


def _mapping(functions: Gateway) -> tuple[int, int]:
    """The template's own: how many workers at once, and how many messages a batch holds."""
    (mapping,) = (each for each in functions.template.queues if each.function == "WorkerFunction")
    return mapping.concurrency, mapping.batch_size


async def _work(functions: Gateway, messages: Messages, batch: int, workers: int) -> None:
    """Hand messages to so many workers, as Lambda's pollers do."""
    events = map(_event, batched(messages, batch, strict=False))

    async def deliver(mine: Iterator[Mapping[str, object]]) -> None:
        for event in mine:
            result = await functions.invoke("WorkerFunction", event)
            if result != {"batchItemFailures": []}:
                message = "The worker could not generate a chart"
                raise SystemExit(message)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(deliver(events))


def _event(bodies: Messages) -> Mapping[str, object]:
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


async def _seconds(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def _each(seconds: float, messages: Messages) -> str:
    return f"{seconds / len(messages) * 1000:.1f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.chart_schedule", description=__doc__)
    parser.add_argument("--charts", type=int, default=CHARTS)
    count = parser.parse_args().charts
    print(f"{describe()}\n\n{table(rows(count))}")


if __name__ == "__main__":
    main()
