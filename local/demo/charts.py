"""Six charts of different kinds, and a year of made-up signatures for them to draw.

`sql` is one script for the service role or the owner, which replaces what an earlier run of it has left.
"""

import json
from datetime import date
from uuid import UUID, uuid5

from local.demo import names
from local.demo.voters import SEED

SIGNATURES = 50_000
DAYS = 365
ZONE = "America/Los_Angeles"

type Json = dict[str, object]

_COUNT: Json = {"name": "signatures", "type": "count"}
_VALID: Json = {"member": "status", "operator": "equals", "values": ["valid"]}

DEFINITIONS: dict[str, Json] = {
    "Signatures a day": {
        "source": "signatures",
        "chartType": "line",
        "timezone": ZONE,
        "measures": [_COUNT],
        "timeDimension": {
            "dimension": "signed_at",
            "granularity": "day",
            "dateRange": "last 30 days",
            "compare": "previousPeriod",
        },
    },
    "On the way to the goal": {
        "source": "signatures",
        "chartType": "area",
        "timezone": ZONE,
        "measures": [{"name": "collected", "type": "count", "runningTotal": True}],
        "timeDimension": {"dimension": "signed_at", "granularity": "week"},
        "filters": [{"member": "status", "operator": "notEquals", "values": ["rejected"]}],
        "target": {"from": "campaignGoal", "title": "Goal"},
    },
    "Cities by status": {
        "source": "signatures",
        "chartType": "bar",
        "measures": [_COUNT],
        "dimensions": [{"dimension": "city", "limit": 5}, {"dimension": "status"}],
        "order": [{"member": "signatures", "direction": "desc"}],
    },
    "Where signatures come from": {
        "source": "signatures",
        "chartType": "pie",
        "measures": [_COUNT],
        "dimensions": [{"dimension": "channel"}],
        "filters": [_VALID],
    },
    "Valid signatures this week": {
        "source": "signatures",
        "chartType": "number",
        "timezone": ZONE,
        "measures": [_COUNT],
        "timeDimension": {"dimension": "signed_at", "dateRange": "this week", "compare": "previousPeriod"},
        "filters": [_VALID],
    },
    "Circulators": {
        "source": "signatures",
        "chartType": "table",
        "measures": [
            _COUNT,
            {"name": "cities", "type": "countDistinct", "field": "city"},
            {"name": "birth_year", "type": "avg", "field": "birth_year", "title": "Average year of birth"},
        ],
        "dimensions": [{"dimension": "circulator", "limit": 20}],
        "filters": [{"member": "circulator", "operator": "set"}],
    },
}


def chart_id(campaign_id: str, title: str) -> UUID:
    """The id of a chart of `DEFINITIONS`, the same every time."""
    return uuid5(UUID(campaign_id), title)


def sql(campaign_id: str, last_day: date) -> str:
    """The script that adds signatures up to the end of `last_day` (UTC) and the six charts, not generated yet.

    The same arguments make the same rows. The campaign must exist.
    """
    campaign = UUID(campaign_id)
    places = ", ".join(
        f"({index}, '{city}', '{county}', '{code}')" for index, (city, county, code) in enumerate(names.PLACES)
    )
    charts = ", ".join(
        f"('{chart_id(campaign_id, title)}', '{campaign}', '{title}', '{json.dumps(config)}')"
        for title, config in DEFINITIONS.items()
    )
    return _SCRIPT.format(
        campaign=campaign, places=places, charts=charts, last_day=last_day.isoformat(), seed=SEED,
        count=SIGNATURES, days=DAYS, cities=len(names.PLACES),
    )  # fmt: skip


# A digest of a row's number makes four random numbers: more signatures lately than at first, all of them between 7 and
# 16 o'clock, more of the first cities and circulators than of the last.
_SCRIPT = """
delete from public.charts where campaign_id = '{campaign}';
delete from public.signatures where campaign_id = '{campaign}';
insert into public.signatures
  (campaign_id, voter_id, signed_at, county, city, zip, party, birth_year, channel, circulator, status, verified_on)
select '{campaign}', 'OR' || lpad(number::text, 8, '0'), signed_at at time zone 'UTC',
  place.county, place.city, place.zip,
  (array['Democratic', 'Republican', 'Nonaffiliated', 'Independent', null])[1 + c % 5],
  1935 + b % 73, channel,
  case channel when 'mail' then null else 'C' || lpad((1 + (d % 8) * (c % 5))::text, 3, '0') end,
  status, case status when 'pending' then null else signed_at::date + 3 end
from (
  select number, b, c, d,
    timestamp '{last_day} 15:00' - make_interval(days => floor(power(a / 65536.0, 1.4) * {days})::integer)
      + make_interval(mins => b % 540, secs => c % 60) as signed_at,
    (a % {cities}) * (d / 64 % 3) / 2 as at,
    (array['clipboard', 'clipboard', 'clipboard', 'event', 'event', 'mail'])[1 + d / 8 % 6] as channel,
    (array['valid', 'valid', 'valid', 'valid', 'valid', 'pending', 'pending', 'rejected'])[1 + c / 8 % 8] as status
  from (
    select number,
      ('x' || substr(digest, 1, 4))::bit(16)::integer as a, ('x' || substr(digest, 5, 4))::bit(16)::integer as b,
      ('x' || substr(digest, 9, 4))::bit(16)::integer as c, ('x' || substr(digest, 13, 4))::bit(16)::integer as d
    from (select number, md5('{seed}' || number) as digest from generate_series(1, {count}) as number) as digests
  ) as numbers
) as drawn
join (values {places}) as place (at, city, county, zip) on place.at = least(drawn.at, {cities} - 1);
insert into public.charts (id, campaign_id, title, config) values {charts};
"""
