"""Values of an environment's file, as the functions get them."""

import re
from pathlib import Path

import pytest
from samcli.cli.types import CfnParameterOverridesType  # type: ignore[import-untyped]

from essearch.settings import PersonsSettings
from local.gateway.template import load
from petition.auth.access import AccessSettings
from petition.auth.session_settings import SessionSettings
from tools.cloudformation import resolve, translate
from tools.house_rules.shape import FUNCTION, of_type, variables
from tools.template import REQUIRED, TEMPLATE, read_template

PROJECT = "https://abc.supabase.co"


@pytest.fixture
def deliver(tmp_path: Path) -> "Deliver":
    return Deliver(tmp_path / "environment.yaml")


class Deliver:
    """Writes an environment's file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, text: str) -> dict[str, str]:
        """Return what CloudFormation gets of a file with this text, read as the Makefile has it read."""
        self._path.write_text(text)
        given = [f"file://{self._path}", "Release=abc"]
        parameters: dict[str, str] = CfnParameterOverridesType().convert(given, None, None)
        return parameters


def refused_parameters(parameters: dict[str, str]) -> set[str]:
    """Return the parameters whose value CloudFormation would refuse."""
    declared = read_template()["Parameters"]
    return {
        name
        for name, value in parameters.items()
        if not re.fullmatch(declared[name].get("AllowedPattern", ".*"), value)
        or value not in map(str, declared[name].get("AllowedValues", [value]))
    }


def environment(parameters: dict[str, str], module: str) -> dict[str, str]:
    """Return a function's environment, as far as parameters decide it."""
    given = REQUIRED | parameters
    functions = of_type(resolve(translate(read_template(), given), given), FUNCTION).values()
    (found,) = [variables(function) for function in functions if function["Handler"] == f"{module}.handler"]
    return {name: value for name, value in found.items() if isinstance(value, str)}


@pytest.mark.parametrize("text", ["true", '"true"', "false", '"false"'])
@pytest.mark.parametrize(
    "name", ["AllowAnonymousSearch", "AllowAnonymousDuplicate", "CookieSealed", "SupabaseSharedSecret"]
)
def test_yes_and_no_may_be_written_as_yaml_does(deliver: Deliver, name: str, text: str) -> None:
    assert not refused_parameters(deliver(f"{name}: {text}"))


@pytest.mark.parametrize(("text", "is_open"), [("true", True), ("false", False), ('"true"', True)])
def test_what_is_opened_is_open_however_it_is_written(deliver: Deliver, text: str, *, is_open: bool) -> None:
    found = environment(deliver(f"AllowAnonymousDuplicate: {text}"), "duplicate.app")

    assert AccessSettings.load(found).allow_anonymous is is_open


@pytest.mark.parametrize(("text", "is_read"), [("true", True), ("false", False), ('"true"', True)])
def test_the_shared_secret_is_read_however_it_is_asked_for(deliver: Deliver, text: str, *, is_read: bool) -> None:
    found = environment(deliver(f"SupabaseSharedSecret: {text}"), "duplicate.app")

    assert ("SUPABASE_JWT_SECRET" in found) is is_read


@pytest.mark.parametrize(
    "text",
    [
        """'{"voterId": "voter_id", "lastName": "name.last"}'""",
        """>-\n  {"voterId": "voter_id",\n   "lastName": "name.last"}""",
    ],
)
def test_the_names_of_the_fields_are_json_as_text(deliver: Deliver, text: str) -> None:
    parameters = deliver(f"PersonsFields: {text}")

    assert not refused_parameters(parameters)
    found = environment(parameters, "essearch.app")
    assert PersonsSettings.load(found).fields.wire == {"voterId": "voter_id", "lastName": "name.last"}


@pytest.mark.parametrize("text", ["{voterId: voter_id}", '{"voterId": "voter_id"}', "\n  voterId: voter_id"])
def test_the_names_of_the_fields_as_an_object_of_yaml_are_refused_and_not_passed_on_as_pythons(
    deliver: Deliver, text: str
) -> None:
    assert refused_parameters(deliver(f"PersonsFields: {text}")) == {"PersonsFields"}


@pytest.mark.parametrize("url", [PROJECT, f"{PROJECT}/", "https://example.org/supabase", "https://example.org:8000"])
def test_a_project_may_have_a_closing_slash_or_a_path_of_its_own(deliver: Deliver, url: str) -> None:
    parameters = deliver(f"SupabaseUrl: {url}")

    assert not refused_parameters(parameters)
    found = environment(parameters, "permissions.app")
    assert SessionSettings.load(found).auth_url == f"{url.rstrip('/')}/auth/v1"


@pytest.mark.parametrize(
    "url", [f"{PROJECT}/rest/v1", f"{PROJECT}/auth/v1/", "https://example.org/supabase/rest/v1", f"{PROJECT}?a=b"]
)
def test_the_address_of_a_part_of_a_project_is_refused(deliver: Deliver, url: str) -> None:
    assert refused_parameters(deliver(f"SupabaseUrl: {url}")) == {"SupabaseUrl"}


def test_what_a_self_hosted_project_calls_things_can_be_said(deliver: Deliver) -> None:
    parameters = deliver(
        "SupabaseJwtIssuer: https://example.org/auth/v1\nSupabaseJwtAudience: staff\nSupabaseCookieName: sb-auth\n"
    )

    assert not refused_parameters(parameters)
    for module in ("essearch.app", "essearch.common", "duplicate.app", "permissions.app", "charts.app"):
        settings = SessionSettings.load(environment({"SupabaseUrl": PROJECT} | parameters, module))
        assert settings.supabase_jwt_issuer == "https://example.org/auth/v1"
        assert settings.supabase_jwt_audience == "staff"
        assert settings.cookie_name == "sb-auth"


def test_what_is_not_said_of_sessions_is_as_a_hosted_project_has_it() -> None:
    said = SessionSettings.load(environment({}, "duplicate.app"))

    assert said.supabase_jwt_issuer is None
    assert said.supabase_jwt_audience == "authenticated"
    assert said.cookie_name == "sb-abcdefghijklmnopqrst-auth-token"


def test_origins_are_a_list(deliver: Deliver) -> None:
    parameters = deliver("AllowedOrigins:\n  - https://app.example.org\n  - http://localhost:3001\n")

    assert parameters["AllowedOrigins"] == "https://app.example.org,http://localhost:3001"
    assert not refused_parameters(parameters)


def test_no_page_of_another_origin_is_trusted_unless_said() -> None:
    assert read_template()["Parameters"]["AllowedOrigins"]["Default"] == ""


def test_the_local_stack_trusts_the_frontends_development_server() -> None:
    cors, given = load(TEMPLATE).cors, load(TEMPLATE, {"AllowedOrigins": "https://app.example.org"}).cors

    assert cors
    assert (cors.origins, cors.credentials) == (("http://localhost:*",), True)
    assert given
    assert given.origins == ("https://app.example.org",)
