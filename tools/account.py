"""Compare an environment's account with that of the AWS credentials: python -m tools.account staging."""

import boto3

from tools.command import run
from tools.environment import Environment, EnvironmentFileError, load


def check_account(environment: Environment) -> None:
    """Ask AWS whose credentials these are, so that nothing of one account's environment gets into another's.

    Raises:
        EnvironmentFileError: they are another account's.
    """
    if environment.account is None:
        return
    if boto3.client("sts").get_caller_identity()["Account"] != environment.account:
        raise EnvironmentFileError(
            f"The AWS credentials are of another account than environments/{environment.name}.yaml names."
        )


if __name__ == "__main__":
    run(lambda name="": check_account(load(name)))
