"""The translated template, made into a stack by moto's CloudFormation as far as that goes.

moto passes over some types (NOT_MADE), leaves a function's layers out, and checks next to no property: what it shows is
that references lead somewhere, in an order in which everything can be made.
"""

import ast
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tools.cloudformation import translate
from tools.house_rules.shape import FUNCTION, of_type
from tools.template import EVERYTHING, REGION, Template, read_template

NOT_MADE = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Logs::QueryDefinition",
    "AWS::SNS::Subscription",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}
ALIAS = "Aliaslive"


def without_what_moto_cannot_make(template: Template) -> Template:
    """Aliases' functions in their place, and no output that reads an attribute of what is not made."""
    resources = {name: each for name, each in template["Resources"].items() if each["Type"] != "AWS::Lambda::Alias"}
    unmade = [name for name, each in resources.items() if each["Type"] in NOT_MADE]
    outputs = {name: o for name, o in template["Outputs"].items() if not any(f'"{n}"' in json.dumps(o) for n in unmade)}
    text = json.dumps(template | {"Resources": resources, "Outputs": outputs}).replace(ALIAS, "")
    changed: Template = json.loads(text)
    return changed


@pytest.fixture(scope="module")
def template() -> Template:
    return translate(read_template(), EVERYTHING)


@pytest.fixture(scope="module")
def stack(template: Template) -> Iterator[None]:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("empty.py", "")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        storage = client("s3")
        storage.create_bucket(Bucket="bucket")
        for key in ("functions", "layers/shared"):
            storage.put_object(Bucket="bucket", Key=key, Body=code.getvalue())
        client("cloudformation").create_stack(
            StackName="petition",
            TemplateBody=json.dumps(without_what_moto_cannot_make(template)),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in EVERYTHING.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        yield


pytestmark = [pytest.mark.usefixtures("stack"), pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")]


def client(service: str) -> Any:  # noqa: ANN401 - a client is made at run time
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]  # any service


def functions() -> dict[str, dict[str, Any]]:
    names = [function["FunctionName"] for function in client("lambda").list_functions()["Functions"]]
    found = [client("lambda").get_function_configuration(FunctionName=name) for name in names]
    return {function["Handler"].removesuffix(".handler"): function for function in found}


def test_the_stack_is_complete() -> None:
    (stack,) = client("cloudformation").describe_stacks(StackName="petition")["Stacks"]

    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_what_moto_does_not_make_is_known(template: Template) -> None:
    listed = client("cloudformation").list_stack_resources(StackName="petition")["StackResourceSummaries"]
    made = {summary["LogicalResourceId"] for summary in listed}

    assert {each["Type"] for name, each in template["Resources"].items() if name not in made} == NOT_MADE


def test_every_function_is_made_with_a_role_that_exists(template: Template) -> None:
    roles = {role["Arn"] for role in client("iam").list_roles()["Roles"]}

    handlers = {function["Handler"] for function in of_type(template, FUNCTION).values()}
    assert functions().keys() == {handler.removesuffix(".handler") for handler in handlers}
    for function in functions().values():
        assert function["Role"] in roles
        assert function["Runtime"] == "python3.13"


def test_no_function_holds_a_secret() -> None:
    variables = functions()["essearch.app"]["Environment"]["Variables"]

    assert variables["DIRECTUS_API_PASSWORD_SEARCH"] == "secretsmanager:petition/directus#password"
    assert variables["REDIS_URL"] == "secretsmanager:petition/redis#url"
    assert variables["SUPABASE_JWT_SECRET"] == "secretsmanager:petition/session#jwtSecret"


def test_charts_go_to_the_queue_that_the_worker_empties() -> None:
    worker = functions()["charts.worker"]["FunctionName"]
    (mapping,) = client("lambda").list_event_source_mappings(FunctionName=worker)["EventSourceMappings"]
    queue = client("sqs").get_queue_attributes(
        QueueUrl=functions()["charts.refresh"]["Environment"]["Variables"]["CHART_QUEUE_URL"], AttributeNames=["All"]
    )["Attributes"]

    assert mapping["EventSourceArn"] == queue["QueueArn"]
    assert mapping["FunctionArn"].endswith(worker)
    assert json.loads(queue["RedrivePolicy"])["maxReceiveCount"] == 5


def test_each_function_may_write_its_own_log_and_nothing_else() -> None:
    groups = {group["logGroupArn"] for group in client("logs").describe_log_groups()["logGroups"]}
    iam = client("iam")
    written = []

    for role in (function["Role"].rpartition("/")[2] for function in functions().values()):
        (policy,) = {*iam.list_role_policies(RoleName=role)["PolicyNames"]} - {"network", "tracing"}
        # moto answers with Python's own notation.
        document = ast.literal_eval(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
        statement, *_ = document["Statement"]
        assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        written.append(statement["Resource"])

    assert len(set(written)) == len(functions())
    assert set(written) <= groups
