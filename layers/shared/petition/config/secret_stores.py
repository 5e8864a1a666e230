"""Reading a secret from AWS Secrets Manager or the SSM Parameter Store."""

from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider, SSMProvider
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from petition.config.secrets import Place, SecretError
from petition.process_singleton import process_singleton

# Within the shortest time-out of a function, so that a silent AWS ends in an error with a reason.
_CONFIG = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2})


def read(place: Place) -> str:
    """A secret's text, decrypted.

    Raises:
        SecretError: it does not exist, may not be read, is binary, or AWS cannot be reached.
    """
    try:
        # Caching is the caller's: powertools' own would end with a clock, not with a rejected secret.
        value = _fetch(place)
    except (GetParameterError, BotoCoreError) as error:
        raise SecretError(_reason(error)) from None
    if not isinstance(value, str):
        raise SecretError("no text")
    return value


def _fetch(place: Place) -> object:
    if place.store == "ssm":
        return _parameters().get(place.name, decrypt=True, force_fetch=True)
    return _secrets().get(place.name, force_fetch=True)


@process_singleton
def _secrets() -> SecretsProvider:
    return SecretsProvider(boto_config=_CONFIG)


@process_singleton
def _parameters() -> SSMProvider:
    return SSMProvider(boto_config=_CONFIG)


def _reason(error: Exception) -> str:
    """The error's code, such as AccessDeniedException: AWS's own sentence names accounts, roles and secrets."""
    cause = error.__context__ if isinstance(error, GetParameterError) else error
    if isinstance(cause, ClientError):
        code: str = cause.response.get("Error", {}).get("Code", "ClientError")
        return code
    return type(cause).__name__
