"""Rewrite events/, one real event a function: python -m tools.events [access token].

The HTTP events are what the local gateway makes of a request for the demo's data. A session ends after an hour, so the
committed events hold none: given a token, they are ready for `sam local invoke`.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from local.demo import campaign, charts, signatures
from local.gateway import routing
from local.gateway.events import Request, to_event
from local.gateway.template import Route, load
from tools.artifact import ROOT

EVENTS: Final = ROOT / "events"
NO_TOKEN: Final = "an-access-token-of-the-project"  # noqa: S105 - a placeholder
MOMENT: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SOMEBODY: Final = "203.0.113.7"  # RFC 5737: nobody's
SCHEDULE_ARN: Final = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/petition"
QUEUE_ARN: Final = "arn:aws:sqs:us-east-1:123456789012:petition"

type Event = Mapping[str, object]


def events(token: str, moment: datetime = MOMENT) -> dict[str, Event]:
    """Return every event by the name of its file, as if it happened at that moment."""
    chart = str(charts.chart_id(campaign.CAMPAIGN_ID, next(iter(charts.DEFINITIONS))))
    signer = signatures.signers()[0]
    http_event = partial(_http_event, load(ROOT / "template.yaml").routes, token)
    return {
        "essearch": http_event("/api/essearch", {"lastName": "Adams", "credentials": {"name": "search"}}),
        "essearch-common": http_event("/api/essearch-common", {"lastName": "Adams", "limit": 5}),
        "duplicate": http_event("/api/duplicate", {"campaignId": campaign.CAMPAIGN_ID, "voterId": signer}),
        "chart": http_event(f"/api/charts/{chart}"),
        "revalidate": http_event("/api/permissions/revalidate"),
        "schedule": _scheduled_event("RefreshAllCharts"),
        "queue": _queue_event("ChartQueue", {"chart_id": chart, "requested_at": moment.isoformat()}, moment),
        "signers-sync": _scheduled_event("SyncSigners"),
        "signers-rebuild": _queue_event("SignersQueue", {"campaign_id": campaign.CAMPAIGN_ID, "force": True}, moment),
        "search-keys": _scheduled_event("RefreshSearchKeys"),
    }


def _http_event(routes: Sequence[Route], token: str, path: str, body: Event | None = None) -> Event:
    match = routing.find(routes, "POST", path)
    if match is None:
        raise LookupError(f"The template has no route for {path}.")
    headers = [("host", "127.0.0.1:3000"), ("authorization", f"Bearer {token}"), ("content-type", "application/json")]
    content = b"" if body is None else json.dumps(body).encode()
    return to_event(Request("event", "POST", path, headers, content, SOMEBODY, received=MOMENT), match)


def _scheduled_event(name: str) -> Event:
    """Return what EventBridge Scheduler sends if the schedule names no input."""
    return {
        "version": "0",
        "id": "2a6f1b0e-6d0c-4f5e-8f0e-7f8f5a1d9c3b",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": MOMENT.isoformat().replace("+00:00", "Z"),
        "region": "us-east-1",
        "resources": [f"{SCHEDULE_ARN}-{name}"],
        "detail": "{}",
    }


def _queue_event(queue: str, message: Event, moment: datetime) -> Event:
    body = json.dumps(message)
    milliseconds = str(int(moment.timestamp() * 1000))
    return {
        "Records": [
            {
                "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                "receiptHandle": "handle",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": milliseconds,
                    "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": milliseconds,
                },
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": f"{QUEUE_ARN}-{queue}",
                "awsRegion": "us-east-1",
            }
        ]
    }


def main(token: str = NO_TOKEN) -> None:
    """Write the files."""
    EVENTS.mkdir(exist_ok=True)
    for name, event in events(token).items():
        EVENTS.joinpath(f"{name}.json").write_text(json.dumps(event, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
