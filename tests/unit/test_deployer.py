"""deployer.yaml lets CloudFormation make all that template.yaml creates, for its own environment alone.

The actions are those of the handlers in CloudFormation's resource schemas, for making, tagging and deleting a resource.
"""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from local.intrinsics import parse_template
from tools.artifact import ROOT
from tools.cloudformation import resolve, translate
from tools.template import EVERYTHING, REQUIRED, read_template

# Of a managed policy, white space left out: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_CHARACTERS = 6_144
ACCOUNT = "123456789012"
ENVIRONMENT = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": ACCOUNT,
    "EnvironmentName": "staging",
}
FUNCTION = "arn:aws:lambda:us-east-1:{account}:function:{stack}-{name}-X"
MAPPING = "arn:aws:lambda:us-east-1:{account}:event-source-mapping:0b3a"
ROLE = "arn:aws:iam::{account}:role/{stack}-{name}-X"
GROUP = "arn:aws:codedeploy:us-east-1:{account}:deploymentgroup:{stack}-App-X/{stack}-{name}-X"
API = "arn:aws:apigateway:us-east-1::/{name}"

# What each type needs, and on which resource: {stack} and {name} are filled in, and `*` is where IAM knows none.
NEEDED: dict[str, dict[str, str]] = {
    "AWS::ApiGatewayV2::Api": {"POST DELETE PATCH GET PUT": API.format(name="apis")},
    "AWS::ApiGatewayV2::ApiMapping": {"POST DELETE GET": API.format(name="domainnames/api.example.org/apimappings")},
    "AWS::ApiGatewayV2::DomainName": {"POST DELETE PATCH GET": API.format(name="domainnames")},
    "AWS::ApiGatewayV2::Stage": {
        "POST DELETE PATCH GET": API.format(name="apis/a1/stages"),
        "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery": "*",
        "logs:ListLogDeliveries logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups": "*",
    },
    "AWS::CloudFormation::WaitConditionHandle": {},
    "AWS::CloudWatch::Alarm": {
        "cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:TagResource": (
            "arn:aws:cloudwatch:us-east-1:{account}:alarm:{stack}-{name}-X"
        )
    },
    "AWS::CloudWatch::Dashboard": {
        "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards": (
            "arn:aws:cloudwatch::{account}:dashboard/{stack}"
        )
    },
    "AWS::CodeDeploy::Application": {
        "codedeploy:CreateApplication codedeploy:DeleteApplication codedeploy:GetApplication codedeploy:TagResource": (
            "arn:aws:codedeploy:us-east-1:{account}:application:{stack}-{name}-X"
        )
    },
    "AWS::CodeDeploy::DeploymentGroup": {
        "codedeploy:CreateDeploymentGroup codedeploy:GetDeploymentGroup codedeploy:UpdateDeploymentGroup": GROUP,
        "codedeploy:DeleteDeploymentGroup codedeploy:CreateDeployment codedeploy:GetDeployment": GROUP,
        "codedeploy:StopDeployment": "*",
    },
    "AWS::IAM::Role": {
        "iam:CreateRole iam:PutRolePolicy": ROLE,
        "iam:DeleteRole iam:DeleteRolePolicy iam:GetRole iam:GetRolePolicy iam:TagRole iam:PassRole": ROLE,
    },
    "AWS::Lambda::Alias": {"lambda:CreateAlias lambda:DeleteAlias lambda:GetAlias lambda:UpdateAlias": FUNCTION},
    "AWS::Lambda::EventInvokeConfig": {
        "lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig": FUNCTION,
        "lambda:UpdateFunctionEventInvokeConfig lambda:DeleteFunctionEventInvokeConfig": FUNCTION,
    },
    "AWS::Lambda::EventSourceMapping": {
        "lambda:CreateEventSourceMapping": "*",
        "lambda:GetEventSourceMapping lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping": MAPPING,
        "lambda:TagResource lambda:UntagResource lambda:ListTags": MAPPING,
    },
    "AWS::Lambda::Function": {
        "lambda:CreateFunction lambda:GetFunction lambda:UpdateFunctionCode lambda:DeleteFunction": FUNCTION,
        "lambda:UpdateFunctionConfiguration lambda:PutFunctionConcurrency lambda:TagResource": FUNCTION,
        "lambda:DeleteFunctionConcurrency lambda:GetFunctionCodeSigningConfig": FUNCTION,
        "s3:GetObject": "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-x/code",
        "ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DescribeVpcs": "*",
    },
    "AWS::Lambda::LayerVersion": {
        "lambda:PublishLayerVersion": "arn:aws:lambda:us-east-1:{account}:layer:{stack}-shared",
        "lambda:GetLayerVersion lambda:DeleteLayerVersion": "arn:aws:lambda:us-east-1:{account}:layer:{stack}-shared:1",
    },
    "AWS::Lambda::Permission": {"lambda:AddPermission lambda:RemovePermission lambda:GetPolicy": FUNCTION},
    "AWS::Lambda::Version": {"lambda:PublishVersion lambda:ListVersionsByFunction lambda:DeleteFunction": FUNCTION},
    "AWS::Logs::LogGroup": {
        "logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy logs:TagResource": (
            "arn:aws:logs:us-east-1:{account}:log-group:{log_group}:*"
        ),
        "logs:DescribeLogGroups": "*",
    },
    "AWS::Logs::QueryDefinition": {
        "logs:PutQueryDefinition logs:DescribeQueryDefinitions logs:DeleteQueryDefinition": "*"
    },
    "AWS::SNS::Subscription": {
        "sns:Subscribe": "arn:aws:sns:us-east-1:{account}:{stack}-AlarmTopic-X",
        "sns:Unsubscribe sns:GetSubscriptionAttributes": "*",
    },
    "AWS::SNS::Topic": {
        "sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:SetTopicAttributes sns:TagResource": (
            "arn:aws:sns:us-east-1:{account}:{stack}-{name}-X"
        )
    },
    "AWS::SQS::Queue": {
        "sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:SetQueueAttributes sqs:TagQueue": (
            "arn:aws:sqs:us-east-1:{account}:{stack}-{name}-X"
        )
    },
    "AWS::SQS::QueuePolicy": {"sqs:SetQueueAttributes": "arn:aws:sqs:us-east-1:{account}:{stack}-ChartQueue-X"},
    "AWS::Scheduler::Schedule": {
        "scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule scheduler:DeleteSchedule": (
            "arn:aws:scheduler:us-east-1:{account}:schedule/default/{stack}-{name}-X"
        )
    },
}
# These ids are API Gateway's and Lambda's own choice, so that no name tells whose a resource is.
NAMELESS = ("arn:aws:apigateway:", "arn:aws:s3:::aws-sam-cli-managed-default-", MAPPING.format(account=ACCOUNT), "*")


def fill_in(node: Any) -> Any:  # noqa: ANN401 - of the shape of what it fills in
    """deployer.yaml with what CloudFormation knows."""
    match node:
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda found: ENVIRONMENT[found[1]], text)
        case dict():
            return {name: fill_in(each) for name, each in node.items()}
        case list():
            return [fill_in(each) for each in node]
        case _:
            return node


def stack_policy() -> list[dict[str, Any]]:
    """The statements of both policies of CloudFormation's role."""
    return [*statements("StackPolicy"), *statements("WatchPolicy")]


def statements(policy: str) -> list[dict[str, Any]]:
    resources = parse_template((ROOT / "deployer.yaml").read_text())["Resources"]
    found: list[dict[str, Any]] = fill_in(resources[policy]["Properties"]["PolicyDocument"]["Statement"])
    return found


def as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def allows(policy: list[dict[str, Any]], action: str, arn: str) -> bool:
    """Check whether the names allow it, as if all conditions were met. IAM itself is not asked."""
    effects = {
        statement["Effect"]
        for statement in policy
        if any(fnmatchcase(action, each) for each in as_list(statement["Action"]))
        and any(fnmatchcase(arn, each) for each in as_list(statement["Resource"]))
    }
    return effects == {"Allow"}


def find_needs(stack: str) -> Iterator[tuple[str, str, str]]:
    """Yield each resource's name, with an action that it needs and the target of the action."""
    for parameters in (REQUIRED, EVERYTHING):
        template = resolve(translate(read_template(), parameters), parameters)
        for name, resource in template["Resources"].items():
            group = resource.get("Properties", {}).get("LogGroupName", {"Fn::Sub": ""})["Fn::Sub"]
            group = group.replace("${AWS::StackName}", stack)
            for actions, arn in NEEDED[resource["Type"]].items():
                for action in actions.split():
                    verb = action if ":" in action else f"apigateway:{action}"
                    yield name, verb, arn.format(account=ACCOUNT, stack=stack, name=name, log_group=group)


def test_everything_that_the_template_creates_can_be_made_tagged_and_deleted() -> None:
    policy = stack_policy()
    assert [needed for needed in find_needs("petition-staging") if not allows(policy, *needed[1:])] == []


def test_nothing_of_another_environment_can() -> None:
    policy = stack_policy()
    foreign = [needed for needed in find_needs("petition-production") if not needed[2].startswith(NAMELESS)]
    assert len(foreign) > 100
    assert [needed for needed in foreign if allows(policy, *needed[1:])] == []


@pytest.mark.parametrize("name", ["StackPolicy", "WatchPolicy", "Boundary"])
def test_a_policy_is_no_longer_than_iam_takes(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    longest = {"AWS::Region": "ap-southeast-2", "EnvironmentName": "e" * 20}
    for key, value in longest.items():
        monkeypatch.setitem(ENVIRONMENT, key, value)
    policy = {"Version": "2012-10-17", "Statement": statements(name)}
    assert len(json.dumps(policy, separators=(",", ":"))) <= MAX_CHARACTERS


def test_its_own_roles_are_out_of_reach() -> None:
    for role in ("deploy", "stack"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/petition-staging-{role}"
        assert not allows(stack_policy(), "iam:PutRolePolicy", arn)


ATTRIBUTES = {
    "AWS::Lambda::Alias": FUNCTION,
    "AWS::Lambda::Function": FUNCTION,
    "AWS::Logs::LogGroup": "arn:aws:logs:us-east-1:{account}:log-group:/aws/lambda/{stack}-{name}:*",
    "AWS::SQS::Queue": "arn:aws:sqs:us-east-1:{account}:{stack}-{name}-X",
}


def arn_of(node: str | dict[str, Any], resources: dict[str, Any], stack: str) -> str:
    """Return the resource of a role's statement, as it is in a deployed stack."""
    match node:
        case str():
            return node
        case {"Fn::Sub": str(text)}:
            filled = text.replace("${AWS::StackName}", stack).replace(":secret:petition/", f":secret:{stack}/")
            return str(fill_in({"Fn::Sub": filled}))
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return ATTRIBUTES[resources[name]["Type"]].format(account=ACCOUNT, stack=stack, name=name)
    raise AssertionError(node)


def find_grants(stack: str) -> Iterator[tuple[str, str, str]]:
    """Yield each role's name, with an action that its policies allow and the target of the action."""
    resources = resolve(translate(read_template(), EVERYTHING), EVERYTHING)["Resources"]
    for name, resource in resources.items():
        policies = resource["Properties"].get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []
        for statement in (each for policy in policies for each in policy["PolicyDocument"]["Statement"]):
            given = statement["Resource"]
            for node in given if isinstance(given, list) else [given]:
                yield from ((name, action, arn_of(node, resources, stack)) for action in as_list(statement["Action"]))


def test_the_boundary_bounds_no_role_of_the_stack_in_what_it_needs() -> None:
    needed, boundary = [*find_grants("petition-staging")], statements("Boundary")
    assert {"SignersRebuildRole", "SignersSyncRole", "SearchKeysRole", "WorkerRole"} <= {name for name, *_ in needed}
    assert [each for each in needed if not allows(boundary, *each[1:])] == []
    foreign = [each for each in find_grants("petition-production") if each[2] != "*"]
    assert [each for each in foreign if allows(boundary, *each[1:])] == []
