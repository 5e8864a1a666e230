"""Six charts of the campaign's signatures, each of another type."""

import json
from uuid import UUID, uuid5

ZONE = "America/Los_Angeles"

type Json = dict[str, object]

_COUNT: Json = {"name": "signatures", "type": "count"}
_YEAR: Json = {"style": "number", "decimals": 0, "grouping": False}
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
            {
                "name": "birth_year",
                "type": "avg",
                "field": "birth_year",
                "title": "Average year of birth",
                "format": _YEAR,
            },
        ],
        "dimensions": [{"dimension": "circulator", "limit": 20}],
        "filters": [{"member": "circulator", "operator": "set"}],
    },
}


def chart_id(campaign_id: str, title: str) -> UUID:
    """Return the id of a chart of `DEFINITIONS`, the same every time."""
    return uuid5(UUID(campaign_id), title)


def sql(campaign_id: str) -> str:
    """Return the script that replaces an earlier run's charts with the six, ungenerated. The campaign must exist."""
    campaign = UUID(campaign_id)
    rows = ", ".join(
        f"('{chart_id(campaign_id, title)}', '{campaign}', '{title}', '{json.dumps(config)}')"
        for title, config in DEFINITIONS.items()
    )
    return f"""
delete from public.charts where campaign_id = '{campaign}';
insert into public.charts (id, campaign_id, title, config) values {rows};
"""  # noqa: S608 - our own constants
