"""Read a secret from AWS Secrets Manager or the SSM Parameter Store."""

from typing import TYPE_CHECKING

from petition.config.secret_ref import SecretError, SecretRef
from petition.upstream.aws import AwsError, call_aws, find_credentials

if TYPE_CHECKING:
    from petition.validation import JsonValue


def read_secret(ref: SecretRef) -> str:
    """Read a secret's text, decrypted.

    Raises:
        SecretError: it does not exist, may not be read, is binary, or AWS cannot be reached.
    """
    try:
        text = _fetch(ref)
    except AwsError as error:
        raise SecretError(str(error)) from None
    if not isinstance(text, str):
        raise SecretError("no text")
    return text


def _fetch(ref: SecretRef) -> object:
    if ref.store == "ssm":
        arguments: dict[str, JsonValue] = {"Name": ref.name, "WithDecryption": True}
        parameter = call_aws("ssm", "AmazonSSM.GetParameter", arguments, find_credentials())["Parameter"]
        return parameter.get("Value") if isinstance(parameter, dict) else None
    secret = call_aws("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": ref.name}, find_credentials())
    return secret.get("SecretString")
