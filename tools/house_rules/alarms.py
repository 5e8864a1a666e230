"""Every function is watched, and what watches it can fire."""

import json
from collections.abc import Iterator
from typing import Final

from tools.cloudformation import Properties, Template
from tools.house_rules.names import is_stack_name
from tools.house_rules.shape import ALARM, FUNCTION, of_type, referred, text, watched_resource
from tools.metrics import AWS_METRICS, OWN_NAMESPACE, own_metrics

NEEDED: Final = ("Errors", "Throttles", "Duration")


def functions_have_alarms(template: Template) -> Iterator[str]:
    """An alarm on each function's errors, throttles and duration, that somebody hears of."""
    watched = {(watched_resource(alarm), alarm.get("MetricName")) for alarm in of_type(template, ALARM).values()}
    for name in of_type(template, FUNCTION):
        yield from (f"{name} has no alarm on {metric}." for metric in NEEDED if (name, metric) not in watched)
    for name, alarm in of_type(template, ALARM).items():
        if not alarm.get("AlarmActions"):
            yield f"{name} tells nobody."


def alarms_can_fire(template: Template) -> Iterator[str]:
    """Their metric exists for their resource, and their threshold can be reached."""
    for name, alarm in of_type(template, ALARM).items():
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        yield from (f"{name}: {fault}" for fault in _metric_faults(template, alarm, dimensions))
        function = of_type(template, FUNCTION).get(watched_resource(alarm), {})
        if alarm.get("MetricName") == "Duration" and alarm["Threshold"] >= function.get("Timeout", 3) * 1000:
            yield f"{name} waits for a duration that the time-out prevents."


def dashboard_shows_what_exists(template: Template) -> Iterator[str]:
    """A graph of a metric that does not exist is empty, which looks like all is well."""
    for name, dashboard in of_type(template, "AWS::CloudWatch::Dashboard").items():
        for widget in json.loads(text(dashboard["DashboardBody"]))["widgets"]:
            for namespace, metric, dimension, value, *_ in widget["properties"]["metrics"]:
                shown = {"Namespace": namespace, "MetricName": metric}
                yield from (f"{name}: {fault}" for fault in _metric_faults(template, shown, {dimension: value}))


def _metric_faults(template: Template, metric: Properties, dimensions: Properties) -> Iterator[str]:
    """Why a metric with these dimensions is never written."""
    namespace, name = metric.get("Namespace"), metric.get("MetricName")
    if namespace == OWN_NAMESPACE:
        return _own_metric_faults(str(name), dimensions)
    return _aws_metric_faults(template, str(namespace), str(name), dimensions)


def _own_metric_faults(name: str, dimensions: Properties) -> Iterator[str]:
    if name not in own_metrics():
        yield f"no code counts {name}."
    if [*dimensions] != ["service"]:
        yield f"{name} has the dimension service alone."
    elif not is_stack_name(dimensions["service"]):
        yield f"{name} is counted under the stack's name."


def _aws_metric_faults(template: Template, namespace: str, name: str, dimensions: Properties) -> Iterator[str]:
    kind = AWS_METRICS.get(namespace)
    if kind is None or name not in kind.names:
        yield f"{namespace} has no metric {name}."
    elif [*dimensions] != [kind.dimension]:
        yield f"{name} has the dimension {kind.dimension} alone."
    elif referred(dimensions[kind.dimension]) not in of_type(template, kind.resource):
        yield f"{kind.dimension} names no {kind.resource} of the template."
