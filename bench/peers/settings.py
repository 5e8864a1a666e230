"""Settings the usual way: from the environment, and secrets through powertools' parameters."""

import json
import os

REFERENCE = "secretsmanager:"


def setting(name: str) -> str:
    """The value of a variable, or of the secret that it refers to."""
    value = os.environ[name]
    if not value.startswith(REFERENCE):
        return value
    # Imported here: without a reference, the usual way has no need of it.
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415 - see above

    secret, _, key = value.removeprefix(REFERENCE).partition("#")
    found: str = json.loads(parameters.get_secret(secret))[key]
    return found
