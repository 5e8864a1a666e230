import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petition.errors import BodyTooLarge, InvalidJson, InvalidRequest, UnsupportedMediaType
from petition.http.request import MAX_BODY_BYTES, HttpRequest


def post(body: str, *, content_type: str = "application/json", encoded: bool = False) -> HttpRequest:
    return HttpRequest({"headers": {"Content-Type": content_type}, "body": body, "isBase64Encoded": encoded})


def test_a_json_object_is_read() -> None:
    assert post('{"a": [1, "é"]}').read_json_object() == {"a": [1, "é"]}


def test_a_base64_body_is_read() -> None:
    assert post(base64.b64encode(b'{"a": 1}').decode(), encoded=True).read_json_object() == {"a": 1}


def test_no_body_is_no_object() -> None:
    assert HttpRequest({}).read_json_object() is None


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json"])
def test_every_kind_of_json_is_taken(kind: str) -> None:
    assert post("{}", content_type=kind).read_json_object() == {}


@pytest.mark.parametrize("kind", ["", "text/plain", "text/json+x", "application/x-www-form-urlencoded", "+json"])
def test_what_is_not_called_json_is_refused(kind: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        post("{}", content_type=kind).read_json_object()


@pytest.mark.parametrize(
    "body",
    [
        *(
            "[]",
            '"a"',
            "null",
            "1",
            "{",
            '{"a": NaN}',
            '{"a": Infinity}',
            "\ufeff{}",
            '{"a": "\\ud800"}',
            '{"a": "\x00"}',
        ),
        *("[" * 16_000, '{"a": ' + "9" * 8_000 + "}", "\udcff"),
    ],
)
def test_what_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(InvalidJson):
        post(body).read_json_object()


@pytest.mark.parametrize("body", [base64.b64encode(b'{"a": "\xff"}').decode(), "not base64!", "é"])
def test_bytes_that_are_not_utf_8_are_refused(body: str) -> None:
    with pytest.raises(InvalidJson):
        post(body, encoded=True).read_json_object()


def test_the_limit_is_counted_in_bytes() -> None:
    fits = '{"a": "' + "x" * (MAX_BODY_BYTES - 9) + '"}'
    assert post(fits).read_json_object()
    with pytest.raises(BodyTooLarge):
        post(fits + " ").read_json_object()
    with pytest.raises(BodyTooLarge):
        post('{"a": "' + "é" * (MAX_BODY_BYTES // 2) + '"}').read_json_object()


@given(st.binary(max_size=200))
def test_no_body_whatsoever_is_unforeseen(raw: bytes) -> None:
    with suppress(InvalidJson):
        assert isinstance(post(base64.b64encode(raw).decode(), encoded=True).read_json_object(), dict | None)


def test_the_query_string_is_decoded() -> None:
    assert HttpRequest({"rawQueryString": "lastName=O%27Brien+Lee&city=&x=%C3%A9"}).read_query() == {
        "lastName": "O'Brien Lee",
        "city": "",
        "x": "é",
    }


@pytest.mark.parametrize("raw", ["a=1&a=2", "a=%ff", "\ud800=1", "a=\ud800", "&".join(f"a{n}=1" for n in range(100))])
def test_a_query_string_that_can_be_read_in_two_ways_is_refused(raw: str) -> None:
    with pytest.raises(InvalidRequest):
        HttpRequest({"rawQueryString": raw}).read_query()


def test_cookies_are_read_and_the_first_of_a_name_counts() -> None:
    assert HttpRequest({"cookies": ["a=1=2", "b=x", "b=y", "c"]}).cookies == {"a": "1=2", "b": "x", "c": ""}


def test_a_path_parameter_is_decoded() -> None:
    assert HttpRequest({"pathParameters": {"id": "a%20b"}}).path_parameter("id") == "a b"
    assert HttpRequest({}).path_parameter("id") == ""


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "event",
        1,
        {"headers": []},
        {"headers": {"a": 1}},
        {"cookies": "a=b"},
        {"body": {}},
        {"requestContext": 1},
    ],
    ids=str,
)
def test_what_is_no_event_is_told_in_our_words(event: object) -> None:
    with pytest.raises(InvalidRequest, match="API Gateway"):
        HttpRequest(event)


def test_an_event_may_have_nothing_or_null() -> None:
    names = "headers", "cookies", "rawQueryString", "pathParameters", "requestContext", "body", "isBase64Encoded"
    for request in (HttpRequest({}), HttpRequest(dict.fromkeys(names))):
        read = request.id, request.headers, request.cookies, request.read_json_object(), request.read_query()
        assert read == (None, {}, {}, None, {})
