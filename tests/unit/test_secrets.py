import threading

import pytest

from petition.config.secret_ref import SecretError, SecretRef
from petition.config.secrets import FAILURE_PAUSE_SECONDS, PAUSE_SECONDS, SecretCache

REF = SecretRef("secretsmanager", "petition/redis")


class Store:
    """Stands for AWS: holds one text, and counts how often it is read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads: list[SecretRef] = []
        self.now = 1000.0
        self.cache = SecretCache(self.read, lambda: self.now)

    def read(self, ref: SecretRef) -> str:
        self.reads.append(ref)
        if self.text == "away":
            raise SecretError("EndpointConnectionError")
        return self.text


@pytest.mark.parametrize(
    "value", ["", "redis://127.0.0.1:6379", "https://example.org/ssm:x", "ssm:", "SSM:name", "ssm:a b"]
)
def test_a_plain_value_is_itself_and_nothing_is_read(value: str) -> None:
    store = Store("secret")

    assert store.cache.resolve(value) == value
    assert store.reads == []


@pytest.mark.parametrize(
    ("reference", "ref"),
    [
        ("secretsmanager:petition/redis", SecretRef("secretsmanager", "petition/redis")),
        ("ssm:/petition/redis", SecretRef("ssm", "/petition/redis")),
        (" ssm:name\n", SecretRef("ssm", "name")),
    ],
)
def test_a_reference_is_what_it_stands_for(reference: str, ref: SecretRef) -> None:
    store = Store("secret\n")

    assert store.cache.resolve(reference) == "secret"
    assert store.reads == [ref]


def test_the_keys_of_one_secret_are_read_once() -> None:
    store = Store('{"email": "a@example.org", "password": "p"}')

    values = [store.cache.resolve(f"secretsmanager:petition/directus#{key}") for key in ("email", "password", "email")]

    assert values == ["a@example.org", "p", "a@example.org"]
    assert len(store.reads) == 1


@pytest.mark.parametrize("text", ["{}", "[]", '{"key": 1}', '{"key": ""}', "no JSON, but secret", '{"Key": "secret"}'])
def test_a_key_that_is_not_there_is_an_error_that_shows_nothing(text: str) -> None:
    with pytest.raises(SecretError) as caught:
        Store(text).cache.resolve("ssm:name#key")

    assert "secret" not in str(caught.value)
    assert "name" not in str(caught.value)


def test_a_secret_that_cannot_be_read_is_asked_for_again_next_time() -> None:
    store = Store("away")
    with pytest.raises(SecretError):
        store.cache.resolve("ssm:name")

    store.text, store.now = "there", store.now + FAILURE_PAUSE_SECONDS

    assert store.cache.resolve("ssm:name") == "there"


def test_aws_is_waited_for_once_where_several_settings_name_one_secret() -> None:
    store = Store("away")
    for key in ("email", "password"):
        with pytest.raises(SecretError, match="EndpointConnectionError"):
            store.cache.resolve(f"ssm:name#{key}")

    assert len(store.reads) == 1


def test_a_secret_that_was_read_half_way_through_a_change_is_read_again() -> None:
    store = Store('{"email": "a@example.org"}')
    with pytest.raises(SecretError):
        store.cache.resolve("ssm:name#password")

    store.text, store.now = '{"email": "a@example.org", "password": "p"}', store.now + PAUSE_SECONDS

    assert store.cache.resolve("ssm:name#password") == "p"


def test_a_rotated_secret_is_found_by_a_refresh() -> None:
    store = Store("old")
    store.cache.resolve("ssm:name")
    store.text, store.now = "new", store.now + PAUSE_SECONDS

    assert store.cache.refresh()
    assert store.cache.resolve("ssm:name") == "new"


def test_a_refresh_that_finds_nothing_new_says_so() -> None:
    store = Store("same")
    store.cache.resolve("ssm:name")
    store.now += PAUSE_SECONDS

    assert not store.cache.refresh()


def test_however_often_something_is_rejected_aws_is_asked_once_in_a_pause() -> None:
    store = Store("old")
    store.cache.resolve("ssm:name")

    for _ in range(120):
        store.now += PAUSE_SECONDS / 60
        store.cache.refresh()

    assert len(store.reads) == 1 + 2


def test_a_refresh_that_fails_keeps_what_was_known_and_waits_too() -> None:
    store = Store("old")
    store.cache.resolve("ssm:name")
    store.text, store.now = "away", store.now + PAUSE_SECONDS

    assert not store.cache.refresh()
    assert not store.cache.refresh()
    assert store.cache.resolve("ssm:name") == "old"
    assert len(store.reads) == 2


def test_what_is_forgotten_is_read_again() -> None:
    store = Store("old")
    store.cache.resolve("ssm:name")
    store.text = "new"

    store.cache.forget()

    assert store.cache.resolve("ssm:name") == "new"


def test_secrets_are_read_at_once_and_each_once() -> None:
    store = Store('{"email": "a@example.org", "password": "p"}')
    everyone = threading.Barrier(3, timeout=5)
    read = store.read

    def read_together(ref: SecretRef) -> str:
        everyone.wait()
        return read(ref)

    cache = SecretCache(read_together, lambda: store.now)
    cache.prefetch(["ssm:one", "plain", "ssm:two#email", "ssm:two#password", "secretsmanager:one"])

    assert sorted(store.reads) == [SecretRef("secretsmanager", "one"), SecretRef("ssm", "one"), SecretRef("ssm", "two")]
    assert cache.resolve("ssm:two#password") == "p"
    assert len(store.reads) == 3


def test_what_was_begun_is_read_once_and_what_was_not_is_read_too() -> None:
    store = Store("secret")

    store.cache.begin_prefetch(["ssm:begun"])
    store.cache.prefetch(["ssm:begun", "ssm:other"])

    assert store.reads == [SecretRef("ssm", "begun"), SecretRef("ssm", "other")]


def test_a_secret_that_could_not_be_read_with_the_others_is_told_when_it_is_needed() -> None:
    store = Store("away")
    store.cache.prefetch(["ssm:name"])

    with pytest.raises(SecretError, match="EndpointConnectionError"):
        store.cache.resolve("ssm:name")
    assert len(store.reads) == 1
