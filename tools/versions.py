"""Go back to the previous version, and delete old ones: python -m tools.versions rollback|prune staging.

The alias that the API calls is moved for all functions together. The next deployment moves it forward again.
"""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import boto3

from tools import deployed
from tools.command import CommandError, run
from tools.environment import load

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import AliasConfigurationResponseTypeDef

KEPT: Final = 5
"""How many versions of a function stay, besides those in use. With SnapStart, each costs for its snapshot."""


class RollbackError(CommandError):
    """There is nothing to go back to."""


def rollback(client: "LambdaClient", functions: Iterable[str]) -> dict[str, str]:
    """Move each function's alias to the previous version.

    Returns:
        the versions, by function.

    Raises:
        RollbackError: no function has one.
    """
    found = {name: before for name in functions if (before := _version_before(client, name))}
    if not found:
        raise RollbackError("No function has a version before the one in use.")
    for name, version in found.items():
        client.update_alias(
            FunctionName=name,
            Name=deployed.ALIAS,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
    return found


def prune(client: "LambdaClient", functions: Iterable[str], kept: int = KEPT) -> int:
    """Delete all but the newest versions.

    Returns:
        how many were deleted.
    """
    old = [(name, version) for name in functions for version in _unused_versions(client, name)[:-kept]]
    for name, version in old:
        client.delete_function(FunctionName=name, Qualifier=str(version))
    return len(old)


def _version_before(client: "LambdaClient", name: str) -> str | None:
    current = int(client.get_alias(FunctionName=name, Name=deployed.ALIAS)["FunctionVersion"])
    return str(max((version for version in _versions(client, name) if version < current), default="")) or None


def _unused_versions(client: "LambdaClient", name: str) -> list[int]:
    """Return the versions that get no traffic, the oldest first."""
    alias = client.get_alias(FunctionName=name, Name=deployed.ALIAS)
    return sorted({*_versions(client, name)} - _used_versions(alias))


def _used_versions(alias: "AliasConfigurationResponseTypeDef") -> set[int]:
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return {int(alias["FunctionVersion"]), *map(int, weights)}


def _versions(client: "LambdaClient", name: str) -> list[int]:
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    found = [each["Version"] for page in pages for each in page["Versions"]]
    return [int(version) for version in found if version.isdecimal()]


def main(command: str = "", name: str = "") -> None:
    """Roll back or prune, and say what was done."""
    functions = deployed.functions(load(name).stack)
    by_name = {physical: logical for logical, physical in functions.items()}
    client = boto3.client("lambda")
    match command:
        case "rollback":
            moved = rollback(client, by_name)
            sys.stdout.writelines(f"{by_name[name]}: version {version}\n" for name, version in moved.items())
        case "prune":
            sys.stdout.write(f"{prune(client, by_name)} old versions were deleted.\n")
        case _:
            raise RollbackError("The command must be rollback or prune.")


if __name__ == "__main__":
    run(main)
