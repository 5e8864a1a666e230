"""The project's key set: when it is fetched, and which keys of it count."""

import json
from collections.abc import Callable
from typing import Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from petition.auth.jwks import KeySet
from petition.errors import PetitionError, UpstreamBusy, UpstreamError, UpstreamTimeout
from petition.validation import JsonValue

POINT: Final[dict[str, JsonValue]] = json.loads(
    jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
)


def jwk(key_id: str = "one", **changed: JsonValue) -> dict[str, JsonValue]:
    return POINT | {"kid": key_id, "alg": "ES256", "use": "sig"} | changed


class Source:
    """The source of the key set, and its clock."""

    def __init__(self) -> None:
        self.document: JsonValue = {"keys": [jwk()]}
        self.failure: PetitionError | None = None
        self.fetches = self.changes = 0
        self.clock = 1000.0

    def fetch(self) -> JsonValue:
        self.fetches += 1
        if self.failure:
            raise self.failure
        return self.document

    def count_change(self) -> None:
        self.changes += 1


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def keys(source: Source) -> KeySet:
    return KeySet(source.fetch, on_change=source.count_change, now=lambda: source.clock)


def test_nothing_is_fetched_before_a_key_is_wanted(source: Source, keys: KeySet) -> None:
    keys.refresh()
    assert source.fetches == 0


@pytest.mark.parametrize("key_id", [["one"], {"one": 1}, 1, None, ""])
def test_a_key_whose_id_is_no_text_is_left_out(source: Source, keys: KeySet, key_id: JsonValue) -> None:
    source.document = {"keys": [jwk() | {"kid": key_id}, jwk("two")]}
    assert keys.find("two")


def test_a_known_key_is_fetched_once(source: Source, keys: KeySet) -> None:
    assert all(keys.find("one") for _ in range(10))
    assert source.fetches == 1


def test_a_rotated_key_is_found_by_fetching_again(source: Source, keys: KeySet) -> None:
    keys.find("one")
    source.document = {"keys": [jwk("two")]}
    assert keys.find("two")
    assert keys.find("one") is None
    assert source.changes == 2


@pytest.mark.parametrize(("seconds", "fetches"), [(29.9, 2), (30.1, 3)])
def test_unknown_keys_fetch_at_most_once_in_thirty_seconds(
    source: Source, keys: KeySet, seconds: float, fetches: int
) -> None:
    keys.find("one")
    keys.find("two")
    source.clock += seconds
    keys.find("three")
    keys.find("four")
    assert source.fetches == fetches


@pytest.mark.parametrize("failure", [UpstreamError(), UpstreamTimeout(), UpstreamBusy()])
def test_a_failed_fetch_keeps_the_old_keys_and_pauses_too(source: Source, keys: KeySet, failure: PetitionError) -> None:
    keys.find("one")
    source.failure = failure
    assert keys.find("two") is None
    assert keys.find("two") is None
    assert keys.find("one")
    assert source.fetches == 2


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": ["one"]}, "keys"])
def test_a_document_that_is_no_key_set_is_a_failed_fetch(source: Source, keys: KeySet, document: JsonValue) -> None:
    keys.find("one")
    source.document = document
    keys.find("two")
    assert keys.find("one")


def test_old_keys_are_fetched_anew_so_that_a_revoked_one_stops_counting(source: Source, keys: KeySet) -> None:
    keys.find("one")
    source.document = {"keys": []}
    source.clock += 599
    keys.refresh()
    assert keys.find("one")
    source.clock += 2
    keys.refresh()
    assert keys.find("one") is None


def test_old_keys_go_on_while_they_cannot_be_fetched(source: Source, keys: KeySet) -> None:
    keys.find("one")
    source.failure = UpstreamTimeout()
    source.clock += 601
    for _ in range(10):
        keys.refresh()
        assert keys.find("one")
    assert source.fetches == 2


def test_the_first_fetch_is_tried_again_after_two_seconds(source: Source, keys: KeySet) -> None:
    source.failure = UpstreamTimeout()
    with pytest.raises(UpstreamTimeout):
        keys.find("one")
    with pytest.raises(UpstreamBusy) as busy:
        keys.find("one")
    assert busy.value.retry_after == 2
    source.failure = None
    source.clock += 2
    assert keys.find("one")


def _octet() -> dict[str, JsonValue]:
    return {"kty": "oct", "kid": "one", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}


def _edwards() -> dict[str, JsonValue]:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    described: dict[str, JsonValue] = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key))
    return described | {"kid": "one"}


def _p384() -> dict[str, JsonValue]:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    described: dict[str, JsonValue] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key))
    return described | {"kid": "one", "alg": "ES384"}


@pytest.mark.parametrize(
    "other",
    [
        _octet,
        _edwards,
        _p384,
        lambda: jwk(alg="HS256"),
        lambda: jwk(alg="none"),
        lambda: jwk(use="enc"),
        lambda: jwk(kid=None),
        lambda: jwk(kid=1),
        lambda: jwk(x="AA"),
        lambda: jwk(x=None),
        lambda: jwk(kty="RSA", alg="RS256"),
        lambda: jwk(kty=["EC"]),
        dict,
    ],
)
def test_a_key_of_no_use_is_left_out_and_the_others_count(
    source: Source, keys: KeySet, other: Callable[[], dict[str, JsonValue]]
) -> None:
    source.document = {"keys": [other(), jwk("good")]}
    assert keys.find("one") is None
    assert keys.find("good")


def test_the_algorithm_follows_from_the_kind_of_key(source: Source, keys: KeySet) -> None:
    described = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key()))
    bare = {name: value for name, value in jwk("ec").items() if name not in {"alg", "use"}}
    source.document = {"keys": [bare, described | {"kid": "rsa"}]}
    found = [keys.find("ec"), keys.find("rsa")]
    assert [key.algorithm_name for key in found if key] == ["ES256", "RS256"]
