"""Each rule fails when what it guards is broken: every case breaks a copy of the real template."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tools.check_template import cfn_lint
from tools.cloudformation import resolve, translate
from tools.house_rules import violations
from tools.template import EVERYTHING, REQUIRED, Template, read_template

type Change = object
REMOVED: Final = None


@dataclass(frozen=True)
class Replace:
    """A text with one word in place of another."""

    old: str
    new: str


def substitute(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def dimension(name: str, resource: str) -> list[dict[str, object]]:
    return [{"Name": name, "Value": {"Ref": resource}}]


STATEMENTS = "Policies.-1.PolicyDocument.Statement"
SCHEDULE = "RefreshFunction.Events.RefreshAllCharts.Properties"
WORK = "WorkerFunction.Events.Charts.Properties"
ANY_QUEUE = substitute("arn:${AWS::Partition}:sqs:::petition-?????")
ANY_SECRET = substitute("arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*-??????")
ANY_NETWORK = {"PolicyName": "x", "PolicyDocument": {"Statement": {"Action": "ec2:RunInstances", "Resource": "*"}}}
MANAGED = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]

# What is broken: a property of a resource, what it becomes, and the sentence that says so.
BROKEN: dict[str, tuple[str, Change, str]] = {
    "no log group": ("SearchFunction.LoggingConfig", REMOVED, "SearchFunction has no log group"),
    "no retention": ("SearchLogs.RetentionInDays", REMOVED, "keeps its logs for ever"),
    "alarm of another function": (
        "DuplicateErrors.Dimensions",
        dimension("FunctionName", "SearchFunction"),
        "DuplicateFunction has no alarm on Errors",
    ),
    "alarm that notifies nobody": ("WorkerErrors.AlarmActions", REMOVED, "WorkerErrors notifies nobody"),
    "shared role": (
        "DuplicateFunction.Role",
        {"Fn::GetAtt": ["SearchRole", "Arn"]},
        "DuplicateFunction shares its role",
    ),
    "role made by SAM": ("DuplicateFunction.Role", REMOVED, "has a managed policy"),
    "wildcard action": (f"ChartRole.{STATEMENTS}.2.Action", "sqs:*", r"ChartRole allows sqs:\*"),
    "wildcard resource": (f"ChartRole.{STATEMENTS}.2.Resource", "*", r"ChartRole allows it on \*"),
    "wildcard in a name": (f"ChartRole.{STATEMENTS}.2.Resource", ANY_QUEUE, "ChartRole allows it on"),
    "any secret": (f"RefreshRole.{STATEMENTS}.1.Resource", ANY_SECRET, "RefreshRole allows it on"),
    "any network": ("ChartRole.Policies.-1", ANY_NETWORK, r"ChartRole allows it on \*"),
    "managed policy": ("DuplicateRole.ManagedPolicyArns", MANAGED, "DuplicateRole has a managed policy"),
    "secret in the configuration": (
        "DuplicateFunction.Environment.Variables.REDIS_URL",
        "rediss://:hunter2@example.org",
        "DuplicateFunction's REDIS_URL is not a reference",
    ),
    "secret that the role may not read": (
        "RefreshFunction.Environment.Variables.NOTE",
        substitute("secretsmanager:${SecretsPrefix}/cookie#keys"),
        "refers to petition/cookie, which its role may not read",
    ),
    "secret that is not used": (
        "SearchFunction.Environment.Variables.COOKIE_KEYS",
        REMOVED,
        "may read petition/cookie for no reason",
    ),
    "secret with something for others in it": (
        "DuplicateFunction.Environment.Variables.SUPABASE_JWT_SECRET",
        substitute("secretsmanager:${SecretsPrefix}/supabase#jwtSecret"),
        "RefreshFunction may read petition/supabase#jwtSecret, which is for others",
    ),
    "metric of REST APIs": ("ApiServerErrors.MetricName", "5XXError", "AWS/ApiGateway has no metric 5XXError"),
    "dimension of REST APIs": (
        "ApiServerErrors.Dimensions",
        dimension("ApiName", "Api"),
        "5xx must have exactly the dimension ApiId",
    ),
    "function's dimension on the API": (
        "ApiServerErrors.Dimensions",
        dimension("FunctionName", "SearchFunction"),
        "5xx must have exactly the dimension ApiId",
    ),
    "dimension that names something else": (
        "ApiServerErrors.Dimensions",
        dimension("ApiId", "SearchFunction"),
        "ApiId names no AWS::ApiGatewayV2::Api",
    ),
    "metric that nothing counts": ("OldestChart.MetricName", "OldestCart", "OldestChart: no code counts OldestCart"),
    "metric without its dimension": (
        "OldestChart.Dimensions",
        [],
        "OldestChartAge must have exactly the dimension service",
    ),
    "metric of another stack": (
        "OldestChart.Dimensions",
        [{"Name": "service", "Value": "petition"}],
        "OldestChartAge is counted under the stack's name",
    ),
    "graph of another stack": (
        "Dashboard.DashboardBody.Fn::Sub",
        Replace("${AWS::StackName}", "local"),
        "Dashboard: ChartsDue is counted under the stack's name",
    ),
    "graph of nothing": (
        "Dashboard.DashboardBody.Fn::Sub",
        Replace('"5xx"', '"5XXError"'),
        "Dashboard: AWS/ApiGateway has no metric 5XXError",
    ),
    "name of every stack": (
        "SearchFunction.Environment.Variables.POWERTOOLS_SERVICE_NAME",
        "petition",
        "SearchFunction counts under a name that every stack has",
    ),
    "queue of every stack": ("ChartQueue.QueueName", "charts", "ChartQueue has the same name in every stack"),
    "schedule of every stack": (
        f"{SCHEDULE}.OmitName",
        REMOVED,
        "RefreshFunctionRefreshAllCharts has the same name in every stack",
    ),
    "threshold beyond the time-out": (
        "DuplicateFunction.Timeout",
        2,
        "DuplicateDuration waits for a duration that the time-out prevents",
    ),
    "route without a limit": (
        "Api.RouteSettings.POST /api/duplicate",
        REMOVED,
        "POST /api/duplicate is not throttled",
    ),
    "limit without a route": (
        "Api.RouteSettings.GET /api/duplicate",
        {"ThrottlingRateLimit": 1},
        "GET /api/duplicate is throttled and does not exist",
    ),
    "slower than the API": ("ChartFunction.Timeout", 30, "may take longer than API Gateway waits"),
    "schedule of bananas": (f"{SCHEDULE}.ScheduleExpression", "rate(banana)", "has no valid schedule"),
    "schedule that drops": (f"{SCHEDULE}.DeadLetterConfig", REMOVED, "drops what it cannot deliver"),
    "schedule among the charts": (
        f"{SCHEDULE}.DeadLetterConfig",
        {"Arn": {"Fn::GetAtt": ["ChartDeadLetters", "Arn"]}},
        "RefreshAllCharts has the dead-letter queue of ChartQueue",
    ),
    "dead letters of a schedule that nobody sees": (
        "ScheduleDeadLettersFound.Dimensions",
        dimension("QueueName", "ChartQueue"),
        "ScheduleDeadLetters has no alarm",
    ),
    "dead letters of a queue that nobody sees": (
        "ChartDeadLettersFound.Dimensions",
        dimension("QueueName", "ChartQueue"),
        "ChartDeadLetters has no alarm",
    ),
    "runs that nobody misses": (
        "RefreshFunction.EventInvokeConfig",
        REMOVED,
        "RefreshFunction has no destination for events that Lambda drops",
    ),
    "dropped runs that nobody sees": (
        "RefreshFailuresFound.Dimensions",
        dimension("QueueName", "ChartQueue"),
        "RefreshFailures has no alarm",
    ),
    "queue without TLS": ("QueuesDemandTls.Queues.-1", REMOVED, "SignersSyncFailures takes messages without TLS"),
    "queue policy that demands nothing": (
        "QueuesDemandTls.PolicyDocument.Statement.0.Condition",
        REMOVED,
        "ChartQueue takes messages without TLS",
    ),
    "alarm that says nothing": (
        "WorkerErrors.AlarmDescription",
        "The worker failed.",
        "WorkerErrors names no section of docs/runbook.md",
    ),
    "alarm with a section that is missing": (
        "WorkerErrors.AlarmDescription",
        substitute("Look. ${RunbookUrl}#workers"),
        "WorkerErrors names no section of docs/runbook.md",
    ),
    "roll-out with an eye on another function": (
        "DuplicateFunction.DeploymentPreference",
        {"Alarms": [{"Ref": "ChartErrors"}]},
        "DuplicateFunction is rolled out without alarms on its errors",
    ),
    "queue without patience": ("ChartQueue.VisibilityTimeout", 160, "hands a batch out again while it is in work"),
    "queue without dead letters": ("ChartQueue.RedrivePolicy", REMOVED, "has no dead-letter queue"),
    "whole batches": (f"{WORK}.FunctionResponseTypes", REMOVED, "repeats whole batches"),
    "unbounded worker": (f"{WORK}.ScalingConfig", REMOVED, "has no maximum concurrency"),
}

UNLINTED: dict[str, tuple[str, Change, str]] = {
    "runtime of the future": ("SearchFunction.Runtime", "python3.99", "python3.99"),
    "time-out of hours": ("WorkerFunction.Timeout", 5000, "5000 is greater than the maximum"),
    "queue that forgets at once": ("ChartQueue.MessageRetentionPeriod", 1, "less than the minimum"),
}


def break_template(*changes: tuple[str, Change]) -> Template:
    """Return the template with some properties changed, as CloudFormation gets it."""
    template = read_template()
    for path, change in changes:
        break_property(template, path, change)
    return resolve(translate(template, EVERYTHING), EVERYTHING)


def break_property(template: Template, path: str, change: Change) -> None:
    """Change one property. A number in the path is an index of a list."""
    name, *steps = [int(step) if step.lstrip("-").isdigit() else step for step in path.split(".")]
    holder: Any = template["Resources"][name].setdefault("Properties", {})
    for step in steps[:-1]:
        holder = holder[step]
    match change:
        case None:
            del holder[steps[-1]]
        case Replace(old, new):
            holder[steps[-1]] = holder[steps[-1]].replace(old, new)
        case value:
            holder[steps[-1]] = value


@pytest.mark.parametrize(("path", "change", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_template_that_breaks_a_house_rule_is_found(path: str, change: Change, sentence: str) -> None:
    assert [fault for fault in violations(break_template((path, change))) if re.search(sentence, fault)]


def test_what_sam_validate_lets_through_is_found() -> None:
    found = [*cfn_lint(break_template(*((path, change) for path, change, _ in UNLINTED.values())))]

    # Together: the linter takes two seconds.
    missed = [
        name for name, (*_, sentence) in UNLINTED.items() if not [each for each in found if re.search(sentence, each)]
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("AllowedOrigins", "*"),
        ("AllowedOrigins", "https://app.example.org/"),
        ("AllowedOrigins", "https://a.example.org, https://b.example.org"),
        ("DirectusUrl", "http://directus.example.org"),
        ("DirectusUrl", "https://user:password@directus.example.org"),
        ("SupabaseUrl", "https://abc.supabase.co/rest/v1"),
        ("ChartSchedule", "rate(banana)"),
        ("ChartSchedule", "rate(0 minutes)"),
        ("ChartSchedule", "cron(0 5 * * *)"),
        ("ChartSchedule", "rate(1441 minutes)"),
        ("ChartSchedule", "rate(25 hours)"),
        ("ChartSchedule", "rate(2 days)"),
        ("ChartSchedule", "rate(1 minutes)"),
        ("ChartSchedule", "cron(0 5 1 * ? *)"),
        ("ChartSchedule", "cron(0 5 ? * MON *)"),
        ("ChartSchedule", "cron(0 5 * * ? 2027)"),
        ("SecretsPrefix", "petition/"),
        ("AlarmEmail", "nobody"),
        ("DomainName", "https://api.example.org"),
        ("PersonsFields", "voterId"),
        ("PersonsFields", "{'voterId': 'voter_id'}"),
        ("NextRevalidateUrl", "http://app.example.org/api/revalidate"),
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/x"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_made(parameter: str, value: str) -> None:
    assert not re.fullmatch(read_template()["Parameters"][parameter]["AllowedPattern"], value)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("ChartSchedule", "rate(1 minute)"),
        ("ChartSchedule", "rate(90 minutes)"),
        ("ChartSchedule", "rate(1440 minutes)"),
        ("ChartSchedule", "rate(24 hours)"),
        ("ChartSchedule", "rate(1 day)"),
        ("ChartSchedule", "cron(0 5 * * ? *)"),
        ("ChartSchedule", "cron(0/15 6-22 ? * * *)"),
    ],
)
def test_a_right_parameter_is_taken(parameter: str, value: str) -> None:
    assert re.fullmatch(read_template()["Parameters"][parameter]["AllowedPattern"], value)


@pytest.mark.parametrize("parameters", [REQUIRED, EVERYTHING], ids=["required", "everything"])
def test_what_the_other_tests_deploy_is_allowed(parameters: Mapping[str, str]) -> None:
    declared = read_template()["Parameters"]

    for name, value in parameters.items():
        assert re.fullmatch(declared[name].get("AllowedPattern", ".*"), value), name
        assert value in declared[name].get("AllowedValues", [value]), name
