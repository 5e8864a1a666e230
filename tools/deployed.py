"""What AWS says about an environment's stack: outputs, functions, and the versions behind their alias."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import boto3
from botocore.exceptions import ClientError

from tools.command import CommandError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ALIAS: Final = "live"


class NotDeployed(CommandError):
    """There is no such stack."""


def outputs(stack: str) -> dict[str, str]:
    """Return a stack's outputs by name.

    Raises:
        NotDeployed: there is no such stack, or its first deployment failed.
    """
    with _name_missing_stack(stack):
        (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    found = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if not {"ApiUrl", "Release"} <= found.keys():
        raise NotDeployed(f"The stack {stack} has no outputs, as it is {described['StackStatus']}: deploy it again.")
    return found


def functions(stack: str) -> dict[str, str]:
    """Return the name of each function by its logical id.

    Raises:
        NotDeployed: there is no such stack.
    """
    with _name_missing_stack(stack):
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        resources = [each for page in pages for each in page["StackResourceSummaries"]]
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in resources
        if each["ResourceType"] == "AWS::Lambda::Function"
    }


@contextmanager
def _name_missing_stack(stack: str) -> Iterator[None]:
    """Raise `NotDeployed` where AWS says that the stack does not exist."""
    try:
        yield
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        region = boto3.session.Session().region_name
        raise NotDeployed(f"The stack {stack} was not found in {region}.") from None


def version_faults(names: Mapping[str, str], release: str) -> Iterator[str]:
    """Yield why functions do not run the release, each with its logical id: `DuplicateFunction: ...`."""
    client = boto3.client("lambda")
    for logical_id, name in names.items():
        yield from (f"{logical_id}: {fault}" for fault in _faults(client, name, release))


def _faults(client: "LambdaClient", name: str, release: str) -> Iterator[str]:
    try:
        alias = client.get_alias(FunctionName=name, Name=ALIAS)
    except client.exceptions.ResourceNotFoundException:
        yield f"it has no alias {ALIAS}, which the API calls. Deploy again."
        return
    if alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
        yield "two versions share the traffic: a roll-out is under way."
    configuration = client.get_function_configuration(FunctionName=name, Qualifier=alias["FunctionVersion"])
    if configuration.get("Description") != release:
        yield f"version {alias['FunctionVersion']} behind the alias is not of the release {release}."
    if configuration.get("State", "Active") not in {"Active", "Inactive"}:
        yield f"version {alias['FunctionVersion']} is not active. {configuration.get('StateReason', '')}"
