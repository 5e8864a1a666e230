"""How long it takes to build a campaign's set of signers, beside reading the table once and adding what is read.

    python -m bench.signers [--signatures 1000000]

The worker reads pages through Supabase's REST interface; the floor reads the same PostgreSQL without it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.report import Limit, Row, table
from local.state import ROOT
from testing import postgres
from testing.rest import Rest, serve
from tests.private_valkey import PrivateValkey

SIGNATURES: Final = 1_000_000
CAMPAIGN: Final = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
JOB: Final = "rebuild-signers"
ROUNDS: Final = 3
TO_FLOOR: Final = 1.5
MOST_MB: Final = 150
FILL: Final = """
insert into signatures (campaign_id, voter_id, signed_at, channel)
  select %s, (10000000 + number)::text, now(), 'mail' from generate_series(%s::integer, %s::integer) as number
"""
type Measured = Mapping[str, float]


def rows(count: int = SIGNATURES) -> Iterator[Row]:
    """Measure with so many signatures, and with a tenth of them; the lines of the benchmarks' table."""
    print(f"Measuring the rebuild of {count:,} signatures", file=sys.stderr)
    with postgres.server() as server, PrivateValkey() as valkey:
        server.create_project("signers")
        with serve(server, "signers") as rest:
            yield from _rows(server, rest, valkey, count)


def _rows(server: postgres.Server, rest: Rest, valkey: PrivateValkey, count: int) -> Iterator[Row]:
    with server.connect("signers") as database:
        database.execute("insert into campaigns (id, name) values (%s, 'A campaign')", (CAMPAIGN,))
        database.execute(FILL, (CAMPAIGN, 1, count // 10))
        database.execute("vacuum analyze signatures")
        tenth = _rebuild(rest, valkey)
        database.execute(FILL, (CAMPAIGN, count // 10 + 1, count))
        database.execute("vacuum analyze signatures")
    ours, floor = list[Measured](), list[Measured]()
    for _ in range(ROUNDS):
        ours.append(_rebuild(rest, valkey))
        floor.append(_copy(server, valkey))
    yield _time(count, ours, floor)
    yield _memory(count, max(each["peakMb"] for each in ours), tenth["peakMb"])


def _time(count: int, ours: list[Measured], floor: list[Measured]) -> Row:
    seconds, least = (statistics.median(each["seconds"] for each in measured) for measured in (ours, floor))
    to_floor = seconds / least
    limits = [Limit(to_floor, TO_FLOOR, "x floor")] if count >= SIGNATURES else []
    return Row(f"set of {count:,} signers", JOB, f"{seconds:.1f} s", f"{least:.1f} s", to_floor=to_floor, limits=limits)


def _memory(count: int, peak_mb: float, tenth_mb: float) -> Row:
    return Row(
        f"peak memory of that (floor: of {count // 10:,})",
        JOB,
        f"{peak_mb:.0f} MB",
        f"{tenth_mb:.0f} MB",
        to_floor=peak_mb / tenth_mb,
        limits=[Limit(peak_mb, MOST_MB, "MB")],
    )


def _rebuild(rest: Rest, valkey: PrivateValkey) -> Measured:
    environment = {
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("functions", "layers/shared")),
        "REDIS_URL": valkey.url,
        "SIGNERS_QUEUE_URL": "http://127.0.0.1:9/unused",
        "SUPABASE_SECRET_KEY": rest.secret_key,
        "SUPABASE_URL": rest.url,
    }
    return _run(environment, str(ROOT / "bench" / "inside" / "rebuild_signers.py"), CAMPAIGN)


def _copy(server: postgres.Server, valkey: PrivateValkey) -> Measured:
    program = str(ROOT / "bench" / "floors" / "copied_signers.py")
    return _run({}, program, server.url("signers"), valkey.url, CAMPAIGN)


def _run(environment: Mapping[str, str], *arguments: str) -> Measured:
    done = subprocess.run(  # noqa: S603 - a program of this benchmark
        [sys.executable, *arguments],
        env={"PATH": os.defpath, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    measured: Any = json.loads(done.stdout.splitlines()[-1])
    return measured  # type: ignore[no-any-return]  # numbers


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.signers", description=__doc__)
    parser.add_argument("--signatures", type=int, default=SIGNATURES)
    print(table(rows(parser.parse_args().signatures)))


if __name__ == "__main__":
    main()
