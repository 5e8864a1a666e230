"""The credentials in a set of variables."""

import os
from collections.abc import Mapping
from functools import partial

from essearch.credential_sets import COMMON_KEYS, Keys
from petition.clients.directus_token import Credentials
from petition.config import secrets
from petition.config.rotating_setting import RotatingSetting
from petition.config.secret_ref import SecretError
from petition.config.service_url import ServiceUrl
from petition.config.settings import Settings, SettingsError
from petition.process_singleton import process_singleton


class CommonCredentials(Settings):
    """The common set, at the Directus that searches use where the request names no other."""

    directus_url_search: ServiceUrl
    directus_api_email_search: str
    directus_api_password_search: str


@process_singleton
def find_credentials(keys: Keys) -> RotatingSetting[Credentials]:
    """The credentials of a set, read once.

    Raises: as `load_credentials`.
    """
    return RotatingSetting(partial(load_credentials, keys))


def load_credentials(keys: Keys, environ: Mapping[str, str] = os.environ) -> Credentials:
    """Read a set's variables.

    Raises:
        SettingsError: one is missing or malformed, its secret cannot be read, or it is another password for the common
            user. Directus suspends a user after 25 wrong passwords (its `auth_login_attempts`), so that a caller could
            end all searches with it.
    """
    if keys == COMMON_KEYS:
        common = CommonCredentials.load(environ)
        return Credentials(
            common.directus_url_search, common.directus_api_email_search, common.directus_api_password_search
        )
    credentials = Credentials(_read_endpoint(environ, keys.endpoint), *(_read(environ, key) for key in keys[1:]))
    if _is_another_password_of_common_user(credentials, environ):
        raise SettingsError({keys.password: "another password of the common user"})
    return credentials


def _is_another_password_of_common_user(credentials: Credentials, environ: Mapping[str, str]) -> bool:
    try:
        common = load_credentials(COMMON_KEYS, environ)
    except SettingsError:  # there is no common user
        return False
    return credentials.user == common.user and credentials.password != common.password


def _read_endpoint(environ: Mapping[str, str], key: str) -> ServiceUrl:
    try:
        return ServiceUrl(_read(environ, key))
    except ValueError:
        raise SettingsError({key: "malformed"}) from None


def _read(environ: Mapping[str, str], key: str) -> str:
    try:
        value = secrets.resolve(environ.get(key, "")).strip()
    except SecretError as error:
        raise SettingsError({key: f"secret not readable ({error})"}) from None
    if not value:
        raise SettingsError({key: "not set"})
    return value
