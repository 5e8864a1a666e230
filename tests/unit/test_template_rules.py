"""Each rule fails when what it guards is broken: every case breaks a copy of the real template."""

import re
from collections.abc import Callable, Mapping

import pytest

from tools.check_template import cfn_lint
from tools.cloudformation import EVERYTHING, REQUIRED, Properties, Template, read_template, resolve, translate
from tools.house_rules import violations

type Break = Callable[[Mapping[str, Properties]], object]


def properties(template: Template) -> dict[str, Properties]:
    return {name: each.setdefault("Properties", {}) for name, each in template["Resources"].items()}


def policy(role: Properties) -> list[Properties]:
    statements: list[Properties] = role["Policies"][-1]["PolicyDocument"]["Statement"]
    return statements


def dimension(name: str, resource: str) -> list[dict[str, object]]:
    return [{"Name": name, "Value": {"Ref": resource}}]


BROKEN: dict[str, tuple[Break, str]] = {
    "no log group": (lambda r: r["SearchFunction"].pop("LoggingConfig"), "SearchFunction has no log group"),
    "no retention": (lambda r: r["SearchLogs"].pop("RetentionInDays"), "keeps its logs for ever"),
    "alarm of another function": (
        lambda r: r["DuplicateErrors"].update(Dimensions=dimension("FunctionName", "SearchFunction")),
        "DuplicateFunction has no alarm on Errors",
    ),
    "alarm that tells nobody": (lambda r: r["WorkerErrors"].pop("AlarmActions"), "WorkerErrors tells nobody"),
    "shared role": (
        lambda r: r["DuplicateFunction"].update(Role={"Fn::GetAtt": ["SearchRole", "Arn"]}),
        "DuplicateFunction shares its role",
    ),
    "role made by SAM": (lambda r: r["DuplicateFunction"].pop("Role"), "has a managed policy"),
    "wildcard action": (lambda r: policy(r["ChartRole"])[2].update(Action="sqs:*"), r"ChartRole allows sqs:\*"),
    "wildcard resource": (lambda r: policy(r["ChartRole"])[2].update(Resource="*"), r"ChartRole allows it on \*"),
    "wildcard in a name": (
        lambda r: policy(r["ChartRole"])[2].update(Resource={"Fn::Sub": "arn:${AWS::Partition}:sqs:::petition-?????"}),
        "ChartRole allows it on",
    ),
    "any secret": (
        lambda r: policy(r["RefreshRole"])[1].update(
            Resource={
                "Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*-??????"
            }
        ),
        "RefreshRole allows it on",
    ),
    "secret in the configuration": (
        lambda r: r["DuplicateFunction"]["Environment"]["Variables"].update(REDIS_URL="rediss://:hunter2@example.org"),
        "DuplicateFunction's REDIS_URL is no reference",
    ),
    "secret that the role may not read": (
        lambda r: r["RefreshFunction"]["Environment"]["Variables"].update(
            NOTE={"Fn::Sub": "secretsmanager:${SecretsPrefix}/cookie#keys"}
        ),
        "refers to petition/cookie, which its role may not read",
    ),
    "secret that is not used": (
        lambda r: r["SearchFunction"]["Environment"]["Variables"].pop("COOKIE_KEYS"),
        "may read petition/cookie for no reason",
    ),
    "secret with something for others in it": (
        lambda r: r["DuplicateFunction"]["Environment"]["Variables"].update(
            SUPABASE_JWT_SECRET={"Fn::Sub": "secretsmanager:${SecretsPrefix}/supabase#jwtSecret"}
        ),
        "RefreshFunction may read petition/supabase#jwtSecret, which is for others",
    ),
    "metric of REST APIs": (
        lambda r: r["ApiServerErrors"].update(MetricName="5XXError"),
        "AWS/ApiGateway has no metric 5XXError",
    ),
    "dimension of REST APIs": (
        lambda r: r["ApiServerErrors"].update(Dimensions=dimension("ApiName", "Api")),
        "5xx has the dimension ApiId alone",
    ),
    "function's dimension on the API": (
        lambda r: r["ApiServerErrors"].update(Dimensions=dimension("FunctionName", "SearchFunction")),
        "5xx has the dimension ApiId alone",
    ),
    "dimension that names something else": (
        lambda r: r["ApiServerErrors"].update(Dimensions=dimension("ApiId", "SearchFunction")),
        "ApiId names no AWS::ApiGatewayV2::Api",
    ),
    "metric that nothing counts": (
        lambda r: r["OldestChart"].update(MetricName="OldestCart"),
        "OldestChart: no code counts OldestCart",
    ),
    "metric without its dimension": (
        lambda r: r["OldestChart"].update(Dimensions=[]),
        "OldestChartAge has the dimension service alone",
    ),
    "metric of another stack": (
        lambda r: r["OldestChart"].update(Dimensions=[{"Name": "service", "Value": "petition"}]),
        "OldestChartAge is counted under the stack's name",
    ),
    "graph of another stack": (
        lambda r: r["Dashboard"].update(
            DashboardBody={"Fn::Sub": r["Dashboard"]["DashboardBody"]["Fn::Sub"].replace("${AWS::StackName}", "local")}
        ),
        "Dashboard: ChartsDue is counted under the stack's name",
    ),
    "name of every stack": (
        lambda r: r["SearchFunction"]["Environment"]["Variables"].update(POWERTOOLS_SERVICE_NAME="petition"),
        "SearchFunction counts under a name that every stack has",
    ),
    "queue of every stack": (
        lambda r: r["ChartQueue"].update(QueueName="charts"),
        "ChartQueue has the same name in every stack",
    ),
    "schedule of every stack": (
        lambda r: r["RefreshFunction"]["Events"]["RefreshAllCharts"]["Properties"].pop("OmitName"),
        "RefreshFunctionRefreshAllCharts has the same name in every stack",
    ),
    "threshold beyond the time-out": (
        lambda r: r["DuplicateFunction"].update(Timeout=2),
        "DuplicateDuration waits for a duration that the time-out prevents",
    ),
    "graph of nothing": (
        lambda r: r["Dashboard"].update(
            DashboardBody={"Fn::Sub": r["Dashboard"]["DashboardBody"]["Fn::Sub"].replace('"5xx"', '"5XXError"')}
        ),
        "Dashboard: AWS/ApiGateway has no metric 5XXError",
    ),
    "route without a limit": (
        lambda r: r["Api"]["RouteSettings"].pop("POST /api/duplicate"),
        "POST /api/duplicate is not throttled",
    ),
    "limit without a route": (
        lambda r: r["Api"]["RouteSettings"].update({"GET /api/duplicate": {"ThrottlingRateLimit": 1}}),
        "GET /api/duplicate is throttled and does not exist",
    ),
    "slower than the API": (lambda r: r["ChartFunction"].update(Timeout=30), "may take longer than API Gateway waits"),
    "schedule of bananas": (
        lambda r: r["RefreshFunction"]["Events"]["RefreshAllCharts"]["Properties"].update(
            ScheduleExpression="rate(banana)"
        ),
        "has no valid schedule",
    ),
    "schedule that drops": (
        lambda r: r["RefreshFunction"]["Events"]["RefreshAllCharts"]["Properties"].pop("DeadLetterConfig"),
        "drops what it cannot deliver",
    ),
    "schedule among the charts": (
        lambda r: r["RefreshFunction"]["Events"]["RefreshAllCharts"]["Properties"].update(
            DeadLetterConfig={"Arn": {"Fn::GetAtt": ["ChartDeadLetters", "Arn"]}}
        ),
        "RefreshAllCharts has the dead-letter queue of ChartQueue",
    ),
    "dead letters of a schedule that nobody sees": (
        lambda r: r["ScheduleDeadLettersFound"].update(Dimensions=dimension("QueueName", "ChartQueue")),
        "ScheduleDeadLetters has no alarm",
    ),
    "dead letters of a queue that nobody sees": (
        lambda r: r["ChartDeadLettersFound"].update(Dimensions=dimension("QueueName", "ChartQueue")),
        "ChartDeadLetters has no alarm",
    ),
    "managed policy": (
        lambda r: r["DuplicateRole"].update(
            ManagedPolicyArns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
        ),
        "DuplicateRole has a managed policy",
    ),
    "any network": (
        lambda r: r["ChartRole"]["Policies"].append(
            {"PolicyName": "x", "PolicyDocument": {"Statement": {"Action": "ec2:RunInstances", "Resource": "*"}}}
        ),
        r"ChartRole allows it on \*",
    ),
    "runs that nobody misses": (
        lambda r: r["RefreshFunction"].pop("EventInvokeConfig"),
        "RefreshFunction has no destination for events that Lambda drops",
    ),
    "dropped runs that nobody sees": (
        lambda r: r["RefreshFailuresFound"].update(Dimensions=dimension("QueueName", "ChartQueue")),
        "RefreshFailures has no alarm",
    ),
    "queue without TLS": (
        lambda r: r["QueuesDemandTls"]["Queues"].pop(),
        "SignersSyncFailures takes messages without TLS",
    ),
    "queue policy that demands nothing": (
        lambda r: r["QueuesDemandTls"]["PolicyDocument"]["Statement"][0].pop("Condition"),
        "ChartQueue takes messages without TLS",
    ),
    "alarm that says nothing": (
        lambda r: r["WorkerErrors"].update(AlarmDescription="The worker failed."),
        "WorkerErrors names no section of docs/runbook.md",
    ),
    "alarm with a section that is missing": (
        lambda r: r["WorkerErrors"].update(AlarmDescription={"Fn::Sub": "Look. ${RunbookUrl}#workers"}),
        "WorkerErrors names no section of docs/runbook.md",
    ),
    "roll-out with an eye on another function": (
        lambda r: r["DuplicateFunction"].update(DeploymentPreference={"Alarms": [{"Ref": "ChartErrors"}]}),
        "DuplicateFunction is rolled out without an eye on its errors",
    ),
    "queue without patience": (
        lambda r: r["ChartQueue"].update(VisibilityTimeout=160),
        "hands a batch out again while it is in work",
    ),
    "queue without dead letters": (lambda r: r["ChartQueue"].pop("RedrivePolicy"), "has no dead-letter queue"),
    "whole batches": (
        lambda r: r["WorkerFunction"]["Events"]["Charts"]["Properties"].pop("FunctionResponseTypes"),
        "repeats whole batches",
    ),
    "unbounded worker": (
        lambda r: r["WorkerFunction"]["Events"]["Charts"]["Properties"].pop("ScalingConfig"),
        "has no maximum concurrency",
    ),
}

UNLINTED: dict[str, tuple[Break, str]] = {
    "runtime of the future": (lambda r: r["SearchFunction"].update(Runtime="python3.99"), "python3.99"),
    "time-out of hours": (lambda r: r["WorkerFunction"].update(Timeout=5000), "5000 is greater than the maximum"),
    "queue that forgets at once": (lambda r: r["ChartQueue"].update(MessageRetentionPeriod=1), "less than the minimum"),
}


def broken(break_it: Break) -> Template:
    template = read_template()
    break_it(properties(template))
    return resolve(translate(template, EVERYTHING), EVERYTHING)


@pytest.mark.parametrize(("break_it", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_template_that_breaks_a_house_rule_is_found(break_it: Break, sentence: str) -> None:
    assert [fault for fault in violations(broken(break_it)) if re.search(sentence, fault)]


@pytest.mark.parametrize(("break_it", "sentence"), UNLINTED.values(), ids=UNLINTED)
def test_what_sam_validate_lets_through_is_found(break_it: Break, sentence: str) -> None:
    assert [fault for fault in cfn_lint(broken(break_it)) if re.search(sentence, fault)]


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
