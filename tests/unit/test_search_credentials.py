import json

import pytest

from essearch.credential_sets import COMMON, COMMON_KEYS, ChosenCredentials, CredentialSet, Keys, find_set
from essearch.credentials import load_credentials
from petition.clients.directus_token import Credentials
from petition.config.service_url import ServiceUrl
from petition.config.settings import SettingsError
from petition.errors import InvalidRequest

SET = {
    "DIRECTUS_URL_SEARCH": "https://common.example",
    "DIRECTUS_API_EMAIL_SEARCH": "common@example.org",
    "DIRECTUS_API_PASSWORD_SEARCH": "common-password",
    "DIRECTUS_URL_NORTH": "https://north.example/",
    "DIRECTUS_EMAIL_NORTH": "north@example.org",
    "DIRECTUS_API_PASSWORD_NORTH": "north-password",
    "DIRECTUS_URL_SOUTH": "https://south.example",
    "DIRECTUS_API_EMAIL_SOUTH": "south@example.org",
    "DIRECTUS_PASSWORD_SOUTH": "south-password",
    "DIRECTUS_URL_HALF": "https://half.example",
}
NORTH = Keys("DIRECTUS_URL_NORTH", "DIRECTUS_EMAIL_NORTH", "DIRECTUS_API_PASSWORD_NORTH")
DECLARED = Keys("DIRECTUS_EAST", "DIRECTUS_WHO", "DIRECTUS_WORD")
DECLARATION = {
    "DIRECTUS_CREDENTIALS": json.dumps(
        {"east": dict(zip(("endpointKey", "emailKey", "passwordKey"), DECLARED, strict=True))}
    )
}
EAST = dict(zip(DECLARED, ("https://east.example", "east@example.org", "east-password"), strict=True))


def choose(*keys: str | None, name: str = "any") -> ChosenCredentials:
    endpoint, email, password = keys or (None, None, None)
    return ChosenCredentials(name=name, endpoint_key=endpoint, email_key=email, password_key=password)


def test_three_keys_alike_in_their_suffix_are_a_set() -> None:
    assert find_set(choose(*NORTH), SET) == CredentialSet("north", NORTH)
    assert load_credentials(NORTH, SET) == Credentials(
        ServiceUrl("https://north.example"), "north@example.org", "north-password"
    )


@pytest.mark.parametrize(
    "keys", [(), (None, None, None), ("DIRECTUS_URL_X", "DIRECTUS_EMAIL_X", "DIRECTUS_PASSWORD_X")]
)
def test_where_none_is_set_all_fall_back_to_the_common_ones(keys: tuple[str, ...]) -> None:
    assert find_set(choose(*keys), SET) == COMMON
    assert find_set(choose(*keys), {**SET, "DIRECTUS_URL_X": " "}) == COMMON


def test_the_common_ones_by_their_own_names_are_the_common_ones() -> None:
    assert find_set(choose(*COMMON_KEYS), SET) == COMMON
    assert load_credentials(COMMON_KEYS, SET).email == "common@example.org"


MIXED = {
    "the password of another": ("DIRECTUS_URL_NORTH", "DIRECTUS_EMAIL_NORTH", "DIRECTUS_PASSWORD_SOUTH"),
    "the user of another": ("DIRECTUS_URL_NORTH", "DIRECTUS_API_EMAIL_SOUTH", "DIRECTUS_API_PASSWORD_NORTH"),
    "the address of another": ("DIRECTUS_URL_SOUTH", "DIRECTUS_EMAIL_NORTH", "DIRECTUS_API_PASSWORD_NORTH"),
    "the common login elsewhere": ("DIRECTUS_URL_NORTH", *COMMON_KEYS[1:]),
    "a password at the common user": (*COMMON_KEYS[:2], "DIRECTUS_API_PASSWORD_NORTH"),
    "the endpoint alone": ("DIRECTUS_URL_NORTH", None, None),
    "no endpoint": (None, "DIRECTUS_EMAIL_NORTH", "DIRECTUS_API_PASSWORD_NORTH"),
    "no password": ("DIRECTUS_URL_NORTH", "DIRECTUS_EMAIL_NORTH", None),
    "a URL as the password": ("DIRECTUS_URL_NORTH", "DIRECTUS_EMAIL_NORTH", "DIRECTUS_URL_NORTH"),
    "a password as the e-mail": ("DIRECTUS_URL_NORTH", "DIRECTUS_API_PASSWORD_NORTH", "DIRECTUS_API_PASSWORD_NORTH"),
    "e-mail and password exchanged": ("DIRECTUS_URL_NORTH", "DIRECTUS_API_PASSWORD_NORTH", "DIRECTUS_EMAIL_NORTH"),
    "a set of which one is set": ("DIRECTUS_URL_HALF", "DIRECTUS_EMAIL_HALF", "DIRECTUS_PASSWORD_HALF"),
    "no kind at all": ("DIRECTUS_NORTH", "DIRECTUS_NORTH", "DIRECTUS_NORTH"),
    "no suffix": ("DIRECTUS_URL_", "DIRECTUS_EMAIL_", "DIRECTUS_PASSWORD_"),
    "keys that another name declares": DECLARED,
}


@pytest.mark.parametrize("keys", MIXED.values(), ids=MIXED)
def test_keys_that_do_not_belong_together_are_refused_with_one_answer(keys: tuple[str | None, ...]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        find_set(choose(*keys), SET | DECLARATION | EAST)
    assert [detail.field for detail in caught.value.details] == ["credentials"]
    assert not any(key in str(caught.value.details) for key in keys if key)


def test_declared_keys_are_a_set_under_their_name() -> None:
    expected = CredentialSet("east", DECLARED)
    assert find_set(choose(*DECLARED, name="east"), SET | DECLARATION | EAST) == expected
    assert find_set(choose(name="east"), SET | DECLARATION | EAST) == expected
    assert find_set(choose(name="east"), SET | DECLARATION) == COMMON


@pytest.mark.parametrize("text", ["{", "[]", '{"east": {}}', '{"e t": null}', '{"east": {"endpointKey": "PATH"}}'])
def test_a_malformed_declaration_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="malformed: DIRECTUS_CREDENTIALS"):
        find_set(choose(), {"DIRECTUS_CREDENTIALS": text})


@pytest.mark.parametrize("missing", COMMON_KEYS)
def test_a_missing_common_variable_is_named(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        load_credentials(COMMON_KEYS, {name: value for name, value in SET.items() if name != missing})


@pytest.mark.parametrize("keys", [COMMON_KEYS, NORTH], ids=["the common ones", "others"])
@pytest.mark.parametrize("url", ["http://north.example", "north.example", "ftp://north.example", "https://u:p@x.org"])
def test_an_endpoint_in_the_clear_is_refused_for_every_set(keys: Keys, url: str) -> None:
    with pytest.raises(SettingsError, match=f"malformed: {keys.endpoint}"):
        load_credentials(keys, SET | {keys.endpoint: url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8055", "http://localhost:8055", "http://[::1]:8055/"])
def test_on_this_machine_it_may_be_in_the_clear(url: str) -> None:
    assert load_credentials(NORTH, SET | {NORTH.endpoint: url}).endpoint == url.rstrip("/")


@pytest.mark.parametrize(
    ("common", "other"),
    [
        ("http://127.0.0.1:8055", "http://localhost:8055/"),
        ("http://localhost:80", "http://[::1]"),
        ("https://common.example", "https://COMMON.example:443"),
        ("https://common.example/a", "https://common.example./b"),
    ],
)
def test_no_set_has_another_password_for_the_common_user_however_its_address_is_spelt(common: str, other: str) -> None:
    environ = SET | {COMMON_KEYS.endpoint: common, NORTH.endpoint: other, NORTH.email: "Common@example.org"}
    with pytest.raises(SettingsError, match=NORTH.password):
        load_credentials(NORTH, environ)
    same = environ | {NORTH.password: SET[COMMON_KEYS.password]}
    assert load_credentials(NORTH, same).password == "common-password"


def test_other_sets_need_no_common_one() -> None:
    assert load_credentials(NORTH, {key: SET[key] for key in NORTH}).email == "north@example.org"


def test_credentials_do_not_show_themselves() -> None:
    shown = repr(load_credentials(NORTH, SET))
    assert "password" not in shown
    assert "@" not in shown


def test_a_fingerprint_changes_with_each_part() -> None:
    first = load_credentials(NORTH, SET).fingerprint
    for key in NORTH:
        assert load_credentials(NORTH, SET | {key: f"{SET[key]}x"}).fingerprint != first
