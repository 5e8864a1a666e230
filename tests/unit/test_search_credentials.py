import pytest

from essearch.credentials import Keys, choose, common
from petition.clients.directus import Credentials
from petition.config.settings import SettingsError
from petition.errors import UpstreamError

COMMON = {
    "DIRECTUS_URL_SEARCH": "https://common.example",
    "DIRECTUS_API_EMAIL_SEARCH": "common@example.org",
    "DIRECTUS_API_PASSWORD_SEARCH": "common-password",
}
OWN = {
    "DIRECTUS_URL_COUNTY": "https://county.example/",
    "DIRECTUS_EMAIL_COUNTY": "county@example.org",
    "DIRECTUS_PASSWORD_COUNTY": "county-password",
}
THE_COMMON_ONES = Credentials("https://common.example", "common@example.org", "common-password")


def chosen(endpoint: str | None = None, email: str | None = None, password: str | None = None) -> Keys:
    return Keys(endpoint, email, password)


def test_the_common_credentials_are_read() -> None:
    assert common(COMMON) == THE_COMMON_ONES


@pytest.mark.parametrize("missing", sorted(COMMON))
def test_a_missing_common_variable_is_named(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        common({name: value for name, value in COMMON.items() if name != missing})


def test_blanks_around_a_value_let_nothing_past() -> None:
    blank = {name: f" {value} \n" for name, value in COMMON.items()}
    assert choose(chosen(), blank) == THE_COMMON_ONES
    with pytest.raises(UpstreamError):
        choose(chosen(None, "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_PASSWORD_COUNTY"), blank | OWN)
    with pytest.raises(UpstreamError):
        choose(chosen("DIRECTUS_URL_COUNTY", "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH"), blank | OWN)


def test_credentials_of_their_own_are_used_whole() -> None:
    assert choose(
        chosen("DIRECTUS_URL_COUNTY", "DIRECTUS_EMAIL_COUNTY", "DIRECTUS_PASSWORD_COUNTY"), COMMON | OWN
    ) == Credentials("https://county.example", "county@example.org", "county-password")


def test_credentials_of_their_own_need_no_common_ones() -> None:
    credentials = choose(chosen("DIRECTUS_URL_COUNTY", "DIRECTUS_EMAIL_COUNTY", "DIRECTUS_PASSWORD_COUNTY"), OWN)
    assert credentials.endpoint == "https://county.example"


def test_what_is_not_set_falls_back() -> None:
    assert choose(chosen(), COMMON) == THE_COMMON_ONES
    assert choose(chosen("DIRECTUS_X", "DIRECTUS_Y", "DIRECTUS_Z"), COMMON) == THE_COMMON_ONES


def test_an_own_login_can_be_used_at_the_common_endpoint() -> None:
    assert choose(chosen(None, "DIRECTUS_EMAIL_COUNTY", "DIRECTUS_PASSWORD_COUNTY"), COMMON | OWN) == Credentials(
        "https://common.example", "county@example.org", "county-password"
    )


@pytest.mark.parametrize(
    ("email", "password"), [("DIRECTUS_EMAIL_COUNTY", None), (None, "DIRECTUS_PASSWORD_COUNTY"), (None, None)]
)
def test_email_and_password_fall_back_together(email: str | None, password: str | None) -> None:
    assert choose(chosen(None, email, password), COMMON | OWN) == THE_COMMON_ONES


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (None, None),
        ("DIRECTUS_EMAIL_COUNTY", None),
        ("DIRECTUS_EMAIL_COUNTY", "DIRECTUS_NOT_SET"),
        ("DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH"),
        ("DIRECTUS_API_PASSWORD_SEARCH", "DIRECTUS_PASSWORD_COUNTY"),
    ],
)
def test_the_common_password_never_goes_to_another_endpoint(email: str | None, password: str | None) -> None:
    with pytest.raises(UpstreamError) as caught:
        choose(chosen("DIRECTUS_URL_COUNTY", email, password), COMMON | OWN)
    assert str(caught.value) == UpstreamError.message


def test_the_common_password_is_nobodys_e_mail() -> None:
    with pytest.raises(UpstreamError):
        choose(chosen(None, "DIRECTUS_API_PASSWORD_SEARCH", "DIRECTUS_API_EMAIL_SEARCH"), COMMON)


@pytest.mark.parametrize("email", ["DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_EMAIL_SAME"])
def test_no_other_password_is_tried_on_the_common_user(email: str) -> None:
    same = {"DIRECTUS_EMAIL_SAME": "Common@example.org"}
    with pytest.raises(UpstreamError):
        choose(chosen(None, email, "DIRECTUS_PASSWORD_COUNTY"), COMMON | OWN | same)
    assert (
        choose(chosen(None, email, "DIRECTUS_API_PASSWORD_SEARCH"), COMMON | OWN | same).password == "common-password"
    )


def test_credentials_do_not_show_themselves() -> None:
    assert "password" not in repr(THE_COMMON_ONES)
    assert "@" not in repr(THE_COMMON_ONES)


def test_a_fingerprint_changes_with_each_part() -> None:
    fingerprints = {Credentials(*parts).fingerprint for parts in ("abc", "xbc", "axc", "abx")}
    assert len(fingerprints) == 4
