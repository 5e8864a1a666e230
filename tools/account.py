"""Compare an environment's account with that of the AWS credentials: python -m tools.account staging."""

import boto3

from tools.command import run
from tools.environment import Environment, EnvironmentFileError, load


def check_account(environment: Environment) -> None:
    """Check that the AWS credentials belong to the environment's account.

    Raises:
        EnvironmentFileError: they belong to another account.
    """
    if environment.account is None:
        return
    if boto3.client("sts").get_caller_identity()["Account"] != environment.account:
        raise EnvironmentFileError(
            f"The AWS credentials belong to another account than environments/{environment.name}.yaml names."
        )


if __name__ == "__main__":
    run(lambda name="": check_account(load(name)))
