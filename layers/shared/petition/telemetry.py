"""Structured logs and metrics.

Metrics are written only by what has something to count (a login, a rejected token, a chart): requests, errors and
latency are counted by API Gateway and Lambda already, so that a plain request costs no metric line.
"""

from aws_lambda_powertools import Logger, Metrics

# The service's name comes from POWERTOOLS_SERVICE_NAME, the namespace from POWERTOOLS_METRICS_NAMESPACE.
logger = Logger(use_rfc3339=True, utc=True)
metrics = Metrics()


def flush_metrics() -> None:
    """Write what was counted, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()
