"""Rules on dead letters: what cannot be delivered is kept, and an alarm says so."""

from collections.abc import Iterator

from tools.house_rules.shape import ALARM, logical_id, of_type, watched_resource
from tools.template import Properties, Template

WAITING = "ApproximateNumberOfMessagesVisible"


def schedules_have_dead_letters_of_their_own(template: Template) -> Iterator[str]:
    """Keep schedules' dead letters apart: a redrive moves all into the source queue, whose worker cannot read them."""
    sources = {target: queue for queue, target in _dead_letter_queues(template).items()}
    for schedule, target in _failure_destinations(template).items():
        if target in sources:
            yield f"{schedule} has the dead-letter queue of {sources[target]}."


def dead_letters_have_alarms(template: Template) -> Iterator[str]:
    """Require an alarm on each dead-letter queue."""
    alarms = of_type(template, ALARM).values()
    watched = {watched_resource(alarm) for alarm in alarms if alarm.get("MetricName") == WAITING}
    targets = {*_dead_letter_queues(template).values(), *_failure_destinations(template).values()}
    yield from (f"{queue} has no alarm on {WAITING}." for queue in sorted(targets - watched))


def scheduled_functions_drop_nothing_unseen(template: Template) -> Iterator[str]:
    """Require a destination for events that Lambda drops: it does so silently, after its retries."""
    scheduled = {logical_id(each["Target"]["Arn"]) for each in of_type(template, "AWS::Scheduler::Schedule").values()}
    kept = destinations(template)
    yield from (f"{name} has no destination for events that Lambda drops." for name in sorted(scheduled - kept.keys()))


def queues_demand_tls(template: Template) -> Iterator[str]:
    """Require TLS: SQS answers over plain HTTP too."""
    policies = of_type(template, "AWS::SQS::QueuePolicy").values()
    safe = {logical_id(queue) for policy in policies if _denies_plain(policy) for queue in policy["Queues"]}
    yield from (f"{queue} takes messages without TLS." for queue in of_type(template, "AWS::SQS::Queue").keys() - safe)


def destinations(template: Template) -> dict[str, str]:
    """Return the queue that keeps the events which Lambda drops, by function."""
    configs = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    found = {logical_id(each["FunctionName"]): each.get("DestinationConfig", {}).get("OnFailure") for each in configs}
    return {name: logical_id(each["Destination"]) for name, each in found.items() if each}


def _denies_plain(policy: Properties) -> bool:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    statements = policy["PolicyDocument"]["Statement"]
    return any(each["Effect"] == "Deny" and each.get("Condition") == plain for each in statements)


def _dead_letter_queues(template: Template) -> dict[str, str]:
    """Return the dead-letter queue of each queue that has one."""
    queues = of_type(template, "AWS::SQS::Queue").items()
    return {name: logical_id(q["RedrivePolicy"]["deadLetterTargetArn"]) for name, q in queues if "RedrivePolicy" in q}


def _failure_destinations(template: Template) -> dict[str, str]:
    """Return the queue for failed events of each schedule and of each function that a schedule starts."""
    schedules = of_type(template, "AWS::Scheduler::Schedule").items()
    configured = {name: each.get("Target", {}).get("DeadLetterConfig") for name, each in schedules}
    letters = {name: logical_id(each["Arn"]) for name, each in configured.items() if each}
    return letters | destinations(template)
