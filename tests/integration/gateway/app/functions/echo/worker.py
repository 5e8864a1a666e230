"""Handles messages as their bodies say."""

import time
from typing import Any


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    records = event["Records"]
    print("batch", *sorted(record["body"] for record in records))  # noqa: T201 - what the test reads
    if any(record["body"].startswith("slow") for record in records):
        time.sleep(0.3)
    if any(record["body"].startswith("crash") and _first(record) for record in records):
        raise ValueError("the whole batch")
    failed = [record["messageId"] for record in records if record["body"].startswith("fail") and _first(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _first(record: dict[str, Any]) -> bool:
    return bool(record["attributes"]["ApproximateReceiveCount"] == "1")
