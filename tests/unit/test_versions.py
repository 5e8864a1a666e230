"""Versions behind the alias: what is looked for after a deployment, gone back to, and deleted. moto plays Lambda."""

import io
import json
import zipfile
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tools.deployed import ALIAS, NotDeployed, functions, outputs, version_faults
from tools.versions import KEPT, RollbackError, prune, rollback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_lambda import LambdaClient

NAMES = ("one", "other")
BY_ID = {"OneFunction": "one", "OtherFunction": "other"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> "Iterator[LambdaClient]":
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(TRUST))
        client = boto3.client("lambda")
        for name in NAMES:
            client.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Handler="app.handler",
                Role=role["Role"]["Arn"],
                Code={"ZipFile": code.getvalue()},
            )
        yield client


def deploy(client: "LambdaClient", *releases: str, names: tuple[str, ...] = NAMES) -> None:
    """Publish a version of each function for each release, and point the alias to it, as CloudFormation does."""
    for name in names:
        for release in releases:
            code = io.BytesIO()
            with zipfile.ZipFile(code, "w") as archive:
                archive.writestr("app.py", release)
            client.update_function_code(FunctionName=name, ZipFile=code.getvalue())
            client.update_function_configuration(FunctionName=name, Description=release)
            version = client.publish_version(FunctionName=name, Description=release)["Version"]
            try:
                client.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
            except client.exceptions.ResourceNotFoundException:
                client.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)


def live(client: "LambdaClient") -> list[str]:
    return [client.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"] for name in NAMES]


def test_what_was_deployed_is_behind_the_alias(client: "LambdaClient") -> None:
    deploy(client, "first", "second")

    assert [*version_faults(BY_ID, "second")] == []


def test_an_old_version_behind_the_alias_is_told_of(client: "LambdaClient") -> None:
    deploy(client, "first", "second")
    client.update_alias(FunctionName="other", Name=ALIAS, FunctionVersion="1")

    assert [*version_faults(BY_ID, "second")] == [
        "OtherFunction: version 1 behind the alias is not of the release second."
    ]


def test_an_alias_that_is_missing_is_told_of(client: "LambdaClient") -> None:
    deploy(client, "first", names=("one",))

    assert [*version_faults(BY_ID, "first")] == [
        "OtherFunction: it has no alias live, which the API calls. Deploy again."
    ]


def test_a_roll_out_that_is_under_way_is_told_of(client: "LambdaClient") -> None:
    deploy(client, "first", "second")
    client.update_alias(FunctionName="one", Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {"1": 0.1}})

    assert [*version_faults(BY_ID, "second")] == [
        "OneFunction: two versions share the traffic: a roll-out is under way."
    ]


def test_all_functions_go_back_together(client: "LambdaClient") -> None:
    deploy(client, "first", "second", "third")

    assert rollback(client, NAMES) == {"one": "2", "other": "2"}
    assert live(client) == ["2", "2"]
    assert [*version_faults(BY_ID, "second")] == []


def test_a_function_that_is_new_stays_as_it_is(client: "LambdaClient") -> None:
    deploy(client, "first", "second", names=("one",))
    deploy(client, "second", names=("other",))

    assert rollback(client, NAMES) == {"one": "1"}
    assert live(client) == ["1", "1"]


def test_where_there_is_nothing_to_go_back_to_it_is_told(client: "LambdaClient") -> None:
    deploy(client, "first")

    with pytest.raises(RollbackError):
        rollback(client, NAMES)


def test_old_versions_go_and_the_newest_stay_with_those_in_use(client: "LambdaClient") -> None:
    deploy(client, *map(str, range(KEPT + 4)))
    client.update_alias(FunctionName="one", Name=ALIAS, FunctionVersion="1")

    prune(client, NAMES)

    kept = [
        [int(each["Version"]) for each in client.list_versions_by_function(FunctionName=name)["Versions"][1:]]
        for name in NAMES
    ]
    assert kept == [[1, 5, 6, 7, 8, 9], [4, 5, 6, 7, 8, 9]]
    assert prune(client, NAMES) == 0


@pytest.mark.usefixtures("client")
def test_a_stack_that_was_never_deployed_is_told_of() -> None:
    for ask in (outputs, functions):
        with pytest.raises(NotDeployed, match="The stack petition-staging was not found in us-east-1"):
            ask("petition-staging")


def test_a_stack_whose_first_deployment_failed_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
        boto3.client("cloudformation").create_stack(StackName="petition-staging", TemplateBody=json.dumps(template))
        with pytest.raises(NotDeployed, match="has no outputs, as it is CREATE_COMPLETE"):
            outputs("petition-staging")
