"""Rules on alarms: every function has them, and they can fire."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from tools.artifact import ROOT
from tools.house_rules.names import is_stack_name
from tools.house_rules.shape import ALARM, FUNCTION, logical_id, of_type, text, watched_resource
from tools.metrics import AWS_METRICS, OWN_NAMESPACE, own_metrics
from tools.template import Properties, Template

RUNBOOK: Final = ROOT / "docs" / "runbook.md"
NEEDED: Final = ("Errors", "Throttles", "Duration")


@cache
def sections() -> frozenset[str]:
    """Return the runbook's sections, as a link names them."""
    titles = re.findall(r"^## (.+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE)
    return frozenset(title.lower().replace(" ", "-") for title in titles)


def functions_have_alarms(template: Template) -> Iterator[str]:
    """Require alarms on each function's errors, throttles and duration, and that they notify somebody."""
    watched = {(watched_resource(alarm), alarm.get("MetricName")) for alarm in of_type(template, ALARM).values()}
    for name in of_type(template, FUNCTION):
        yield from (f"{name} has no alarm on {metric}." for metric in NEEDED if (name, metric) not in watched)
    for name, alarm in of_type(template, ALARM).items():
        if not alarm.get("AlarmActions"):
            yield f"{name} notifies nobody."


def alarms_can_fire(template: Template) -> Iterator[str]:
    """Require that each alarm's metric exists for its resource, and that its threshold can be reached."""
    for name, alarm in of_type(template, ALARM).items():
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        yield from (f"{name}: {fault}" for fault in _metric_faults(template, alarm, dimensions))
        function = of_type(template, FUNCTION).get(watched_resource(alarm), {})
        if alarm.get("MetricName") == "Duration" and alarm["Threshold"] >= function.get("Timeout", 3) * 1000:
            yield f"{name} waits for a duration that the time-out prevents."


def alarms_say_what_to_do(template: Template) -> Iterator[str]:
    """Require that each alarm names its section of the runbook."""
    known = sections()
    for name, alarm in of_type(template, ALARM).items():
        section = text(alarm.get("AlarmDescription")).partition("#")[2]
        if section not in known:
            yield f"{name} names no section of docs/runbook.md."


def roll_outs_stop_at_alarms(template: Template) -> Iterator[str]:
    """Require that a roll-out stops at the function's own errors and at the API's."""
    alarms = of_type(template, ALARM)
    for name, group in of_type(template, "AWS::CodeDeploy::DeploymentGroup").items():
        given = [each["Name"] for each in group.get("AlarmConfiguration", {}).get("Alarms", [])]
        watched = {(watched_resource(alarms[each]), alarms[each]["MetricName"]) for each in _logical_ids(given, alarms)}
        function = name.removesuffix("DeploymentGroup")
        if not {(function, "Errors"), ("Api", "5xx")} <= watched:
            yield f"{function} is rolled out without alarms on its errors and the API's."


def dashboard_shows_what_exists(template: Template) -> Iterator[str]:
    """Require that each graph's metric exists: without it, the graph stays empty and looks fine."""
    for name, dashboard in of_type(template, "AWS::CloudWatch::Dashboard").items():
        for widget in json.loads(text(dashboard["DashboardBody"]))["widgets"]:
            for namespace, metric, dimension, value, *_ in widget["properties"]["metrics"]:
                shown = {"Namespace": namespace, "MetricName": metric}
                yield from (f"{name}: {fault}" for fault in _metric_faults(template, shown, {dimension: value}))


def _logical_ids(names: list[object], alarms: Mapping[str, Properties]) -> set[str]:
    """Return the logical ids of alarms that are given by reference or by name."""
    by_name = {text(alarm["AlarmName"]): name for name, alarm in alarms.items() if "AlarmName" in alarm}
    return {found for each in names if (found := by_name.get(text(each)) or logical_id(each)) in alarms}


def _metric_faults(template: Template, metric: Properties, dimensions: Properties) -> Iterator[str]:
    """Yield why a metric with these dimensions is never written."""
    namespace, name = metric.get("Namespace"), metric.get("MetricName")
    if namespace == OWN_NAMESPACE:
        return _own_metric_faults(str(name), dimensions)
    return _aws_metric_faults(template, str(namespace), str(name), dimensions)


def _own_metric_faults(name: str, dimensions: Properties) -> Iterator[str]:
    if name not in own_metrics():
        yield f"no code counts {name}."
    if [*dimensions] != ["service"]:
        yield f"{name} must have exactly the dimension service."
    elif not is_stack_name(dimensions["service"]):
        yield f"{name} is counted under the stack's name."


def _aws_metric_faults(template: Template, namespace: str, name: str, dimensions: Properties) -> Iterator[str]:
    kind = AWS_METRICS.get(namespace)
    if kind is None or name not in kind.names:
        yield f"{namespace} has no metric {name}."
    elif [*dimensions] != [kind.dimension]:
        yield f"{name} must have exactly the dimension {kind.dimension}."
    elif logical_id(dimensions[kind.dimension]) not in of_type(template, kind.resource):
        yield f"{kind.dimension} names no {kind.resource} of the template."
