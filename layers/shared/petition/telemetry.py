"""Structured logs and metrics.

Metrics are written only by what has something to count (a login, a rejected token, a chart): requests, errors and
latency are counted by API Gateway and Lambda already, so that a plain request costs no metric line.
"""

import os

import msgspec
from aws_lambda_powertools import Logger, Metrics


def _json(line: dict[str, object]) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


# The service's name comes from POWERTOOLS_SERVICE_NAME.
logger = Logger(use_rfc3339=True, utc=True, json_serializer=_json)
# Without a namespace, powertools raises when it writes a metric: a request would fail for it after it was answered.
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or "Petition")


def flush_metrics() -> None:
    """Write what was counted, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()
