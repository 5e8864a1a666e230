"""What cannot be delivered is kept where somebody hears of it and can do something about it."""

from collections.abc import Iterator

from tools.cloudformation import Template
from tools.house_rules.shape import ALARM, of_type, referred, watched_resource

WAITING = "ApproximateNumberOfMessagesVisible"


def schedules_have_dead_letters_of_their_own(template: Template) -> Iterator[str]:
    """A redrive moves all of a queue's dead letters into it, where a schedule's event is nobody's message."""
    sources = {target: queue for queue, target in _redriven(template).items()}
    for schedule, target in _undelivered(template).items():
        if target in sources:
            yield f"{schedule} has the dead-letter queue of {sources[target]}."


def dead_letters_have_alarms(template: Template) -> Iterator[str]:
    """Nobody looks into a dead-letter queue unasked."""
    alarms = of_type(template, ALARM).values()
    watched = {watched_resource(alarm) for alarm in alarms if alarm.get("MetricName") == WAITING}
    targets = {*_redriven(template).values(), *_undelivered(template).values()}
    yield from (f"{queue} has no alarm on {WAITING}." for queue in sorted(targets - watched))


def _redriven(template: Template) -> dict[str, str]:
    """The dead-letter queue of each queue that has one."""
    queues = of_type(template, "AWS::SQS::Queue").items()
    return {name: referred(q["RedrivePolicy"]["deadLetterTargetArn"]) for name, q in queues if "RedrivePolicy" in q}


def _undelivered(template: Template) -> dict[str, str]:
    """The dead-letter queue of each schedule that has one."""
    schedules = of_type(template, "AWS::Scheduler::Schedule").items()
    configured = {name: each.get("Target", {}).get("DeadLetterConfig") for name, each in schedules}
    return {name: referred(each["Arn"]) for name, each in configured.items() if each}
