"""Which metrics exist, so that an alarm on one can fire.

Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
HTTP APIs, which have 5xx and ApiId where REST APIs have 5XXError and ApiName:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from tools.artifact import ROOT


class Kind(NamedTuple):
    """Metrics of one kind of resource: the dimension that names it, and the resource's type."""

    names: frozenset[str]
    dimension: str
    resource: str


SERVICE: Final = "petition"
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


def own_metrics() -> frozenset[str]:
    """The names that the code counts under: every text in the first argument, or in `name`, of an `add_metric`."""
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/shared/petition").rglob("*.py")]
    return frozenset(name for source in sources for name in _counted(source.read_text("utf-8")))


def _counted(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="add_metric"), args=positional, keywords=keywords):
                named = [each.value for each in keywords if each.arg == "name"]
                yield from _texts(*positional[:1], *named)


def _texts(*expressions: ast.expr) -> Iterator[str]:
    parts = (part for expression in expressions for part in ast.walk(expression))
    return (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
