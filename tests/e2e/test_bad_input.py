"""Whatever is sent: a clear 4xx, never a 5xx."""

import gzip
import json
from collections.abc import Sequence

import httpx
import pytest

from tests.e2e.calls import BODIES, COMMON, DUPLICATE, REVALIDATE, ROUTES, SEARCH, error, fields

JSON = {"Content-Type": "application/json"}
LIMIT = 16 * 1024
TAKING_A_BODY = [SEARCH, COMMON, DUPLICATE]

NO_JSON_OBJECTS = {
    "nothing": b"",
    "a blank": b" ",
    "half": b'{"lastName":',
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "a number": b"1",
    "two": b"{}{}",
    "NaN": b'{"lastName": NaN}',
    "a raw NUL": b'{"lastName": "a\x00b"}',
    "a raw line break": b'{"lastName": "a\nb"}',
    "single quotes": b"{'lastName': 'Lee'}",
    "bytes that are not UTF-8": b'{"lastName": "\xff\xfe"}',
    "half a surrogate pair": rb'{"lastName": "\ud800"}',
    "UTF-16": json.dumps({"lastName": "Lee"}).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "lists without end": b'{"lastName":' + b"[" * 16_000,
    "gzip": gzip.compress(b'{"lastName": "Lee"}'),
    "digits without end": b'{"birthYear":' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("path", TAKING_A_BODY)
@pytest.mark.parametrize("name", NO_JSON_OBJECTS)
def test_what_is_no_json_object_is_told(organizer: httpx.Client, path: str, name: str) -> None:
    assert error(organizer.post(path, content=NO_JSON_OBJECTS[name], headers=JSON)) == (400, "invalid_json")


@pytest.mark.parametrize("path", TAKING_A_BODY)
@pytest.mark.parametrize(
    "content",
    [b'{"a":' * 2000 + b"1" + b"}" * 2000, b'{"lastName":' + b"[" * 8000 + b"]" * 8000 + b"}"],
    ids=["objects", "lists"],
)
def test_a_deep_value_is_a_wrong_one(organizer: httpx.Client, path: str, content: bytes) -> None:
    assert error(organizer.post(path, content=content, headers=JSON)) == (422, "invalid_request")


@pytest.mark.parametrize("path", TAKING_A_BODY)
@pytest.mark.parametrize("size", [LIMIT + 1, 1_000_000])
@pytest.mark.parametrize("filler", [b" ", b"\xff"], ids=["blanks", "no UTF-8"])
def test_a_body_over_16_kib_is_too_large(organizer: httpx.Client, path: str, size: int, filler: bytes) -> None:
    content = json.dumps(BODIES[path]).encode().ljust(size, filler)
    assert error(organizer.post(path, content=content, headers=JSON)) == (413, "body_too_large")


@pytest.mark.parametrize("path", TAKING_A_BODY)
def test_a_body_of_16_kib_is_not(organizer: httpx.Client, path: str) -> None:
    content = json.dumps(BODIES[path]).encode().ljust(LIMIT)
    assert organizer.post(path, content=content, headers=JSON).status_code == 200


@pytest.mark.parametrize("path", TAKING_A_BODY)
@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data", "json", ";"]
)
def test_another_media_type_is_told(organizer: httpx.Client, path: str, kind: str) -> None:
    content = json.dumps(BODIES[path]).encode()
    response = organizer.post(path, content=content, headers={"Content-Type": kind})
    assert error(response) == (415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json"])
def test_json_by_another_spelling_is_taken(organizer: httpx.Client, kind: str) -> None:
    content = json.dumps(BODIES[COMMON]).encode()
    assert organizer.post(COMMON, content=content, headers={"Content-Type": kind}).status_code == 200


type Case = tuple[str, dict[str, object], str]
LEE: dict[str, object] = {"lastName": "Lee"}


def cases_for(path: str, name: str, values: Sequence[object], **others: object) -> list[Case]:
    """A case for each value of a field."""
    return [(path, {**others, name: value}, name) for value in values]


def credentials_cases(field: str, values: Sequence[object]) -> list[Case]:
    return [(SEARCH, {**LEE, "credentials": {"name": "x", field: value}}, f"credentials.{field}") for value in values]


NO_TEXTS = [1, True, 1.5, ["Lee"], {"_eq": "Lee"}, "a\x00", "a\tb", "a\r\nb", "\x1b[0m", "\x7f", "\x85", "x" * 201]
NO_IDENTIFIERS: list[object] = [
    "",
    " ",
    "a:b",
    "*",
    "a\n",
    "é",
    "٣",
    "../x",
    "a\x00b",
    "x" * 129,
    None,
    True,
    1.0,
    [],
    {},
    10**50,
]
NO_NAMES = ["x; Path=/evil", "x\r\nSet-Cookie: evil=1", "x=y", "", " ", "é", "x" * 65, 1, None]
NO_KEYS = ["COOKIE_KEYS", "AWS_SECRET_ACCESS_KEY", "DIRECTUS_", "directus_url", "DIRECTUS_A\n", "XDIRECTUS_A", 1]
NO_CRITERIA: list[dict[str, object]] = [{}, {"limit": 5}, {"lastName": ""}, {"lastName": "  "}, {"query": None}]
WRONG_VALUES: list[Case] = [
    *cases_for(COMMON, "lastName", NO_TEXTS),
    *cases_for(COMMON, "limit", [0, 101, -1, 2.5, "x", True, 10**30, "1e2"], **LEE),
    *cases_for(COMMON, "page", [0, -1, 10**30, "٣", [1]], **LEE),
    *cases_for(COMMON, "birthYear", [0, 99999, "80", 1980.5, "-1980"]),
    *(
        case
        for name in ("lastname", "credentials", "filter", "__proto__")
        for case in cases_for(COMMON, name, ["x"], **LEE)
    ),
    *((COMMON, body, "") for body in NO_CRITERIA),
    *cases_for(SEARCH, "credentials", [None, "x", [], 1], **LEE),
    *credentials_cases("name", NO_NAMES),
    *credentials_cases("password", ["x"]),
    *(case for key in ("emailKey", "endpointKey", "passwordKey") for case in credentials_cases(key, NO_KEYS)),
    *cases_for(DUPLICATE, "voterId", NO_IDENTIFIERS, campaignId="a"),
    *cases_for(DUPLICATE, "campaignId", NO_IDENTIFIERS, voterId=1),
    *cases_for(DUPLICATE, "x", [1], campaignId="a", voterId=1),
    (DUPLICATE, {"campaignId": "a"}, ""),  # one voter or several: no field of its own is at fault
]


@pytest.mark.parametrize(("path", "body", "field"), WRONG_VALUES)
def test_a_wrong_value_is_told_by_its_field(
    organizer: httpx.Client, path: str, body: dict[str, object], field: str
) -> None:
    response = organizer.post(path, json=body)
    assert error(response) == (422, "invalid_request")
    assert fields(response) == [field]
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "query",
    [
        *("lastName=Lee&lastName=Park", "lastName=%FF", "lastName=Lee&x=1", "lastName=a%00b", "limit=5"),
        *("lastName=Lee&page=0", "lastName[]=Lee", "credentials[name]=x&lastName=Lee"),
        "&".join(f"x{number}=1" for number in range(200)),
    ],
)
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_wrong_query_string_is_told(organizer: httpx.Client, query: str, body: bytes) -> None:
    assert error(organizer.post(f"{COMMON}?{query}", content=body, headers=JSON)) == (422, "invalid_request")


def test_a_wide_body_is_answered_with_a_few_details_that_repeat_no_value(organizer: httpx.Client) -> None:
    response = organizer.post(COMMON, json={f"field{number}": "Searchedfor" for number in range(500)})
    assert error(response) == (422, "invalid_request")
    assert len(fields(response)) == 20
    assert "Searchedfor" not in response.text


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "SEARCH", "TRACE"])
def test_another_method_is_no_route(organizer: httpx.Client, path: str, method: str) -> None:
    assert organizer.request(method, path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/api", "/api/essearch/", "/api/essearch/x", "/API/essearch", "/api//essearch"])
def test_another_path_is_no_route(organizer: httpx.Client, path: str) -> None:
    assert organizer.post(path, json=BODIES[COMMON]).status_code == 404


def test_revalidation_needs_no_body_and_takes_any_object(organizer: httpx.Client) -> None:
    assert organizer.post(REVALIDATE).status_code == 200
    assert organizer.post(REVALIDATE, json={"anything": 1}).status_code == 200
