"""What a permission set allows, and which values are valid ones."""

import json

import msgspec
import pytest

from petition.auth.permissions import PermissionSet, lease_key, tag
from petition.validation import JsonValue

USER = "01a20728-9052-717c-aaa2-3a6dfb7658c9"
ALICES, BOBS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def permission_set(**changed: JsonValue) -> PermissionSet:
    usual: dict[str, JsonValue] = {
        "userId": USER,
        "roles": ["analyst", "clerk"],
        "permissions": ["signers:check", "charts:generate"],
        "campaigns": {ALICES: ["signers:check"], "*": ["charts:generate"]},
    }
    return msgspec.convert(usual | changed, PermissionSet).require_owner(USER)


@pytest.mark.parametrize(
    ("permission", "campaign", "allowed"),
    [
        ("signers:check", None, True),
        ("voters:search", None, False),
        ("signers:check", ALICES, True),
        ("signers:check", BOBS, False),
        ("charts:generate", ALICES, True),
        ("charts:generate", BOBS, True),
        ("charts:generate", "77", True),
        ("signers:check", "*", False),
        ("signers:check", "", False),
        ("", None, False),
        ("*", None, False),
    ],
)
def test_a_permission_holds_where_it_is_held(permission: str, campaign: str | None, *, allowed: bool) -> None:
    assert permission_set().allows(permission, campaign=campaign) is allowed


def test_nobody_holds_nothing() -> None:
    nobody = permission_set(roles=[], permissions=[], campaigns={})
    assert not nobody.allows("signers:check")
    assert not nobody.allows("signers:check", campaign=ALICES)


def test_it_names_the_campaigns_where_a_permission_is_held() -> None:
    assert permission_set().campaigns_with("signers:check") == frozenset({ALICES})
    assert permission_set().campaigns_with("charts:generate") is None
    assert permission_set().campaigns_with("voters:search") == frozenset()


def test_it_is_the_same_after_a_journey_through_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(permission_set()), type=PermissionSet) == permission_set()


def test_a_later_field_of_the_sql_function_does_no_harm() -> None:
    assert permission_set(teams=["north"]) == permission_set()


@pytest.mark.parametrize(
    "changed",
    [
        {"userId": ALICES},
        {"userId": None},
        {"roles": "organizer"},
        {"permissions": None},
        {"permissions": [None]},
        {"campaigns": []},
        {"campaigns": {ALICES: "signers:check"}},
    ],
    ids=str,
)
def test_anything_else_is_not_a_permission_set(changed: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match=r"^$|Expected"):
        permission_set(**changed)


@pytest.mark.parametrize("value", [None, [], "permission set", 1, {}])
def test_another_json_value_is_not_a_permission_set(value: JsonValue) -> None:
    with pytest.raises(ValueError, match=r"Expected|missing|malformed"):
        msgspec.json.decode(json.dumps(value), type=PermissionSet)


def test_the_keys_are_the_contracts_and_in_a_cluster_lie_together() -> None:
    assert tag(USER) == f"permissions-{USER}"
    assert lease_key(USER) == f"{{permissions-{USER}}}:lease"
