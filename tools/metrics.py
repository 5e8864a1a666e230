"""The metrics that exist, so that an alarm on one can fire.

Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
HTTP APIs, which have 5xx and ApiId where REST APIs have 5XXError and ApiName:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from tools.artifact import ROOT


class Kind(NamedTuple):
    """Metrics of one kind of resource: the dimension that names it, and the resource's type."""

    names: frozenset[str]
    dimension: str
    resource: str


CAMEL_CASE: Final = re.compile(r"([A-Z][a-z]+){2,}")
OWN_NAMESPACE: Final = "Petition"
AWS_METRICS: Final = {
    "AWS/Lambda": Kind(
        frozenset({"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge"}),
        "FunctionName",
        "AWS::Lambda::Function",
    ),
    "AWS/ApiGateway": Kind(
        frozenset({"4xx", "5xx", "Count", "Latency", "IntegrationLatency", "DataProcessed"}),
        "ApiId",
        "AWS::ApiGatewayV2::Api",
    ),
    "AWS/SQS": Kind(
        frozenset({"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "NumberOfMessagesSent"}),
        "QueueName",
        "AWS::SQS::Queue",
    ),
}


@cache
def own_metrics() -> frozenset[str]:
    """Return the code's own metrics: every CamelCase text in a module that calls `add_metric`."""
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/shared/petition").rglob("*.py")]
    texts = (source.read_text("utf-8") for source in sources)
    return frozenset(name for text in texts if ".add_metric(" in text for name in _names(text))


def _names(source: str) -> Iterator[str]:
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return (value for value in constants if isinstance(value, str) and CAMEL_CASE.fullmatch(value))
