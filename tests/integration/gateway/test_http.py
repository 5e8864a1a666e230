"""What a client of the gateway sees."""

import http.client
import json
import re
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.gateway import PortTaken
from tests.integration.gateway.harness import APP, LIMIT, Harness, Start, has_ended, until

FAILED = {"message": "Internal Server Error"}


def raw(running: Harness, request: bytes) -> bytes:
    """Send bytes as they are and read until the server has no more."""
    host, port = running.gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), LIMIT) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def test_a_function_answers_under_the_real_runtime(running: Harness) -> None:
    answer = running.http.post("/echo?wait=0", json={"a": 1}, headers={"Cookie": "c=1"})

    seen = answer.json()
    assert answer.status_code == 200
    assert seen["event"]["body"] == '{"a":1}'
    assert seen["event"]["cookies"] == ["c=1"]
    assert seen["event"]["requestContext"]["requestId"] == answer.headers["apigw-requestid"]
    assert seen["word"] == "from the layer"
    assert seen["context"]["name"] == "Echo"
    assert seen["context"]["memory"] == "256"
    assert seen["context"]["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:Echo"
    assert 4000 < seen["context"]["left"] <= 5000
    assert seen["context"]["id"] != answer.headers["apigw-requestid"]


def test_path_variables_arrive_decoded(running: Harness) -> None:
    one = running.http.get("/items/a%20b%C3%A9").json()["event"]
    rest = running.http.delete("/files/a/b").json()["event"]

    assert (one["routeKey"], one["pathParameters"]) == ("GET /items/{id}", {"id": "a bé"})
    assert (rest["routeKey"], rest["pathParameters"]) == ("ANY /files/{proxy+}", {"proxy": "a/b"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/echo"), ("POST", "/echo/"), ("POST", "/Echo"), ("HEAD", "/items/1")],
)
def test_an_unknown_route_is_not_found(running: Harness, method: str, path: str) -> None:
    answer = running.http.request(method, path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert method == "HEAD" or answer.json() == {"message": "Not Found"}


@pytest.mark.parametrize(
    ("kind", "status", "body", "content_type"),
    [
        ("plain", 200, b'{"ok": true}', "application/json"),
        ("text", 200, b"just text", "application/json"),
        ("cookies", 201, b"made", "text/plain;charset=UTF-8"),
        ("binary", 200, b"\x00\xff", "text/plain;charset=UTF-8"),
    ],
)
def test_a_result_becomes_the_answer(running: Harness, kind: str, status: int, body: bytes, content_type: str) -> None:
    answer = running.http.post(f"/answers/{kind}")

    assert (answer.status_code, answer.content) == (status, body)
    assert answer.headers["content-type"] == content_type
    assert answer.headers.get_list("set-cookie") == (["a=1; Path=/", "b=2"] if kind == "cookies" else [])


@pytest.mark.parametrize("kind", ["raise", "exit", "wait", "injection", "status", "object", "big", "long-line"])
def test_a_function_that_fails_is_a_500_and_the_next_request_works(running: Harness, kind: str) -> None:
    failed = running.http.post(f"/answers/{kind}")

    assert (failed.status_code, failed.json()) == (500, FAILED)
    assert running.http.post("/answers/plain").status_code == 200


def test_a_function_that_cannot_be_imported_is_a_500_and_says_why_in_its_log(running: Harness) -> None:
    answer = running.http.get("/broken")

    assert (answer.status_code, answer.json()) == (500, FAILED)
    assert "not configured" in running.wait_for_line(lambda line: "[ERROR]" in line and "RuntimeError" in line)


@pytest.mark.parametrize("kind", ["child", "orphan"])
def test_what_a_process_started_ends_with_it(start: Start, kind: str) -> None:
    running = start()

    running.http.post(f"/answers/{kind}")

    child = int(running.wait_for_line(lambda line: line.startswith("child")).split()[1])
    assert until(lambda: has_ended(child))


def test_a_timeout_is_noted_in_the_log_and_an_exit_is_none(start: Start) -> None:
    running = start()

    running.http.post("/answers/exit")
    assert running.lines == []
    running.http.post("/answers/wait")
    assert running.lines == [("Answers", "Task timed out after 1.00 seconds")]


def test_what_a_dying_process_wrote_is_kept(running: Harness) -> None:
    running.http.post("/answers/long-line")

    assert running.wait_for_line(lambda line: line == "x" * 300_000)
    assert running.wait_for_line(lambda line: line == "a last line without an end")


def test_a_warm_process_is_used_again_and_a_busy_one_is_not_shared(running: Harness) -> None:
    alone = {running.http.get("/items/1").json()["pid"] for _ in range(3)}
    with ThreadPoolExecutor(4) as threads:
        together = set(threads.map(lambda _: running.http.get("/items/1?wait=0.5").json()["pid"], range(4)))

    assert len(alone) == 1
    assert len(together) == 4


def test_a_process_whose_handler_raised_is_used_again(running: Harness) -> None:
    before = running.http.post("/answers/pid").text
    running.http.post("/answers/raise")

    assert running.http.post("/answers/pid").text == before


def test_a_function_with_one_process_answers_one_request_after_the_other(running: Harness) -> None:
    with ThreadPoolExecutor(4) as threads:
        pids = set(threads.map(lambda _: running.http.get("/one?wait=0.05").json()["pid"], range(4)))

    assert len(pids) == 1


def test_the_gateway_answers_preflights_and_owns_the_headers(running: Harness) -> None:
    origin = {"Origin": "https://app.example.org"}

    preflight = running.http.options("/echo", headers=origin | {"Access-Control-Request-Method": "POST"})
    unknown = running.http.options(
        "/echo", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    answer = running.http.post("/answers/cors", headers=origin)

    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, origin["Origin"])
    assert (unknown.status_code, [name for name in unknown.headers if name.startswith("access-")]) == (204, [])
    assert answer.headers.get_list("access-control-allow-origin") == [origin["Origin"]]


def test_too_large_a_body_is_refused(running: Harness) -> None:
    for size in (10 * 1024 * 1024 + 1, 7 * 1024 * 1024):
        answer = running.http.post("/echo", content=b"x" * size, headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})
    chunks = (b"x" * 65536 for _ in range(200))
    assert running.http.post("/echo", content=chunks).status_code == 413


def test_a_large_body_arrives_whole_after_100_continue(running: Harness) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"

    assert raw(running, head + b"abc").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")
    assert len(running.http.post("/echo", content=b"x" * 2_000_000).json()["event"]["body"]) > 2_000_000


def test_a_compressed_body_is_passed_on_as_it_is(running: Harness) -> None:
    headers = {"content-encoding": "gzip", "content-type": "application/json"}

    event = running.http.post("/echo", content=b"\x1f\x8b\xff", headers=headers).json()["event"]

    assert (event["isBase64Encoded"], event["body"]) == (True, "H4v/")


def test_too_many_headers_are_refused_and_long_ones_within_the_limit_are_not(running: Harness) -> None:
    assert running.http.post("/echo", headers={"cookie": "a=" + "x" * 9_700}).status_code == 200
    assert running.http.post("/echo", headers={"cookie": "a=" + "x" * 10_300}).status_code == 431


@pytest.mark.parametrize(
    "line",
    [
        b"GET //evil.example/items HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET /items/%0a HTTP/1.1",
        b"GET /items/%ff HTTP/1.1",
        b"GET /items/\xff HTTP/1.1",
        b"GET http://x/items/1 HTTP/1.1",
        b"GET /items/1?%zz=%ff&=&&& HTTP/1.1",
        b"NONSENSE",
        b"GET /items/1 HTTP/9.9",
    ],
)
def test_no_request_line_makes_the_gateway_fail(running: Harness, line: bytes) -> None:
    answer = raw(running, line + b"\r\nHost: x\r\nX-Odd: \xff\r\nConnection: close\r\n\r\n")

    assert re.match(rb"HTTP/1\.[01] (200|204|400|404) ", answer)


def test_a_caller_who_leaves_does_not_harm_the_next_one(running: Harness) -> None:
    connection = http.client.HTTPConnection(running.gateway.url.removeprefix("http://"), timeout=LIMIT)
    connection.request("GET", "/items/1?wait=0.3")
    connection.close()

    assert running.http.get("/items/1").status_code == 200


def test_a_taken_port_is_named(start: Start, running: Harness) -> None:
    port = int(running.gateway.url.rpartition(":")[2])

    with pytest.raises(PortTaken, match=str(port)):
        start(port=port)


def test_functions_get_the_given_variables_and_none_of_the_developers(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVELOPERS_OWN", "1")
    running = start(environment={"*": {"GREETING": "all"}, "Echo": {"OWN": "mine"}})

    environment = running.http.post("/echo").json()["environment"]

    assert (environment["GREETING"], environment["OWN"], environment["STACK"]) == ("all", "mine", "local-hello")
    assert "DEVELOPERS_OWN" not in environment
    assert environment["LAMBDA_TASK_ROOT"] == str(APP / "functions")


@pytest.mark.parametrize(
    "sent",
    [
        b"SECRET\r\n\r\n",
        b"GET /SECRET HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nSECRET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: SECRET\r\n\r\n",
        b"GET /SECRET" + b"a" * 50_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["no request", "no version", "no header", "no length", "a long line"],
)
def test_what_is_no_http_is_answered_as_json_and_repeated_nowhere(running: Harness, sent: bytes) -> None:
    head, _, body = raw(running, sent).partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert b"application/json" in head
    assert json.loads(body) == {"message": "Bad Request"}
    assert b"SECRET" not in head + body


def test_a_client_that_resets_in_mid_body_leaves_no_trace(running: Harness, caplog: pytest.LogCaptureFixture) -> None:
    host, port = running.gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), LIMIT) as client:
        head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
        client.sendall(head + b"{")
        assert running.http.get("/nowhere").status_code == 404
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert running.http.post("/echo?wait=0", json={}).status_code == 200
    assert "Traceback" not in caplog.text
