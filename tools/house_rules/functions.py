"""Rules on functions: their logs expire, and their queues lose nothing."""

from collections.abc import Iterator
from typing import Final

from tools.house_rules.shape import FUNCTION, logical_id, of_type
from tools.template import Template

VISIBILITY_FACTOR: Final = 6  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html


def functions_log_to_a_group_with_retention(template: Template) -> Iterator[str]:
    """Require a log group with retention: one that Lambda creates keeps its logs for ever."""
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, function in of_type(template, FUNCTION).items():
        group = groups.get(logical_id(function.get("LoggingConfig", {}).get("LogGroup")))
        if group is None:
            yield f"{name} has no log group of the template."
        elif not group.get("RetentionInDays"):
            yield f"{name}'s log group keeps its logs for ever."


def queues_lose_nothing(template: Template) -> Iterator[str]:
    """Require that no batch in work is delivered again, and that a failed message is kept, without repeating others."""
    queues, functions = of_type(template, "AWS::SQS::Queue"), of_type(template, FUNCTION)
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        queue = queues.get(logical_id(mapping.get("EventSourceArn")), {})
        timeout = functions.get(logical_id(mapping.get("FunctionName")), {}).get("Timeout", 3)
        if queue.get("VisibilityTimeout", 30) < VISIBILITY_FACTOR * timeout:
            yield f"{name}'s queue hands a batch out again while it is in work."
        if "RedrivePolicy" not in queue:
            yield f"{name}'s queue has no dead-letter queue."
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield f"{name} repeats whole batches."
        if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
            yield f"{name} has no maximum concurrency."
