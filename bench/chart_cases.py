"""The charts of the benchmark, and the SQL that an experienced person writes for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

type Config = Mapping[str, object]

CAMPAIGN = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
ZONE = "America/Los_Angeles"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
PARAMETERS = {"campaign": CAMPAIGN, "zone": ZONE, "starts": "2025-11-22", "ends": "2026-11-22"}

# Nine cities, 200 circulators, a year; the same rows every time.
FILL = (
    "insert into public.campaigns (id, name, goal) values (%(campaign)s, 'Benchmark', 100000)",
    # What only costs time while ten million rows are written.
    "drop index public.signers",
    "alter table public.signatures disable trigger log_inserted_signatures",
    """
    insert into public.signatures (campaign_id, voter_id, signed_at, city, birth_year, channel, circulator, status)
    select %(campaign)s, number::text,
      timestamptz '2026-11-22 00:00Z' - make_interval(secs => (number * 7919 %% 31536000)::integer),
      'City ' || (number * 31 %% 9), 1935 + number * 17 %% 73,
      (array['clipboard', 'event', 'mail'])[1 + number * 13 %% 3], 'C' || number * 101 %% 200,
      (array['valid', 'valid', 'pending', 'rejected'])[1 + number * 7 %% 4]
    from generate_series(1::bigint, %(rows)s) as number
    """,
    "vacuum analyze public.signatures",
)


@dataclass(frozen=True)
class Case:
    """A chart, and one statement that answers its `rows` as JSON; it takes `PARAMETERS`."""

    name: str
    config: Config
    by_hand: str


_COUNT = {"name": "n", "type": "count"}
_YEAR = {"dimension": "signed_at", "granularity": "day", "dateRange": ["2025-11-22", "2026-11-21"]}

CASES = (
    Case(
        "signatures a day",
        {"source": "signatures", "timezone": ZONE, "measures": [_COUNT], "timeDimension": _YEAR},
        """
        with counted as (
          select date_trunc('day', signed_at at time zone %(zone)s) as day, count(*) as n
          from signatures
          where campaign_id = %(campaign)s and signed_at >= %(starts)s::timestamp at time zone %(zone)s
            and signed_at < %(ends)s::timestamp at time zone %(zone)s
          group by 1
        )
        select jsonb_agg(jsonb_build_object('signed_at', day::date, 'n', coalesce(n, 0)) order by day)
        from generate_series(%(starts)s::timestamp, %(ends)s::timestamp - interval '1 day', '1 day') as day
        left join counted using (day)
        """,
    ),
    Case(
        "a day by city, top 5 and Other",
        {
            "source": "signatures",
            "timezone": ZONE,
            "measures": [_COUNT],
            "timeDimension": _YEAR,
            "dimensions": [{"dimension": "city", "limit": 5}],
            "filters": [{"member": "status", "operator": "notEquals", "values": ["rejected"]}],
        },
        """
        with counted as materialized (
          select date_trunc('day', signed_at at time zone %(zone)s) as day, city, count(*) as n
          from signatures
          where campaign_id = %(campaign)s and status is distinct from 'rejected'
            and signed_at >= %(starts)s::timestamp at time zone %(zone)s
            and signed_at < %(ends)s::timestamp at time zone %(zone)s
          group by 1, 2
        ), ranked as (
          select city, least(row_number() over (order by sum(n) desc, city), 6) as place from counted group by city
        ), folded as (
          select day, place, sum(n) as n from counted join ranked using (city) group by 1, 2
        )
        select jsonb_agg(row order by day) from (
          select day,
            jsonb_build_object('signed_at', day::date) || jsonb_object_agg('n__' || place, coalesce(n, 0)) as row
          from generate_series(%(starts)s::timestamp, %(ends)s::timestamp - interval '1 day', '1 day') as day
          cross join generate_series(1, 6) as place
          left join folded using (day, place)
          group by day
        ) as rows
        """,
    ),
    Case(
        "cities: count, average, least, greatest",
        {
            "source": "signatures",
            "measures": [
                _COUNT,
                *({"name": kind, "type": kind, "field": "birth_year"} for kind in ("avg", "min", "max")),
            ],
            "dimensions": [{"dimension": "city"}],
        },
        """
        select jsonb_agg(
          jsonb_build_object('city', city, 'n', n, 'avg', avg, 'min', min, 'max', max) order by n desc, city)
        from (
          select city, count(*) as n, avg(birth_year), min(birth_year), max(birth_year)
          from signatures where campaign_id = %(campaign)s group by city
        ) as cities
        """,
    ),
    Case(
        "cities: distinct circulators",
        {
            "source": "signatures",
            "measures": [_COUNT, {"name": "people", "type": "countDistinct", "field": "circulator"}],
            "dimensions": [{"dimension": "city"}],
        },
        """
        select jsonb_agg(jsonb_build_object('city', city, 'n', n, 'people', people) order by n desc, city)
        from (
          select city, count(*) as n, count(distinct circulator) as people
          from signatures where campaign_id = %(campaign)s group by city
        ) as cities
        """,
    ),
    Case(
        "running total to the goal, all weeks",
        {
            "source": "signatures",
            "timezone": ZONE,
            "measures": [_COUNT | {"runningTotal": True}],
            "timeDimension": {"dimension": "signed_at", "granularity": "week"},
            "target": {"from": "campaignGoal"},
        },
        """
        with counted as (
          select date_trunc('week', signed_at at time zone %(zone)s) as week, count(*) as n
          from signatures where campaign_id = %(campaign)s group by 1
        ), summed as (
          select week, sum(coalesce(n, 0)) over (order by week) as total
          from (select min(week) as first, max(week) as last from counted) as span
          cross join generate_series(first, last, '1 week') as week
          left join counted using (week)
        )
        select jsonb_agg(jsonb_build_object('signed_at', week::date, 'n', total, 'target', goal) order by week)
        from summed, campaigns where id = %(campaign)s
        """,
    ),
)
