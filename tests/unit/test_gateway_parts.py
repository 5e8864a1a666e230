import asyncio
import os
from pathlib import Path

import pytest

from local.gateway import sources
from local.gateway.config import Code, GatewayConfig
from local.gateway.environment import function_environment
from local.gateway.logs import Logs, pump
from local.gateway.queues import failures
from local.gateway.template import Function

SENT = {"a", "b"}


@pytest.mark.parametrize("result", [None, {}, "", {"batchItemFailures": None}, {"batchItemFailures": []}])
def test_a_batch_without_a_report_has_succeeded(result: object) -> None:
    assert failures(result, SENT) == set()  # type: ignore[arg-type]  # mypy does not see JSON in a parameter


def test_reported_messages_have_failed() -> None:
    assert failures({"batchItemFailures": [{"itemIdentifier": "a"}]}, SENT) == {"a"}


@pytest.mark.parametrize(
    "result",
    [
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"id": "a"}]},
        {"batchItemFailures": ["a"]},
        {"batchItemFailures": [{"itemIdentifier": ["a"]}]},
        {"batchItemFailures": "a"},
        "a",
    ],
)
def test_a_report_that_cannot_be_right_fails_the_batch(result: object) -> None:
    assert failures(result, SENT) == SENT  # type: ignore[arg-type]  # as above


def pump_chunks(*chunks: bytes) -> list[str]:
    lines: list[str] = []
    read, write = os.pipe()

    def send() -> None:
        with os.fdopen(write, "wb", 0) as pipe:
            for chunk in chunks:
                pipe.write(chunk)

    async def receive() -> None:
        await asyncio.gather(asyncio.to_thread(send), pump(read, lines.append))

    asyncio.run(receive())
    return lines


def test_output_comes_in_whole_lines_the_last_one_too() -> None:
    assert pump_chunks(b"a\nb", b"c\n\n", b"d") == ["a", "bc", "", "d"]


def test_a_line_of_any_length_is_kept() -> None:
    assert pump_chunks(b"x" * 200_000, b"y\n") == ["x" * 200_000 + "y"]


def test_a_traceback_gets_its_line_ends_back_and_wrong_bytes_are_replaced() -> None:
    assert pump_chunks(b"[ERROR]\r  File\r\n\xff\n") == ["[ERROR]\n  File", "�"]


def test_a_log_goes_to_the_functions_file_and_to_the_listener(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    logs = Logs(tmp_path / "logs", lambda function, line: heard.append((function, line)))

    logs.write("Echo", "one")
    logs.write("Echo", "two")
    logs.close()

    assert (tmp_path / "logs" / "Echo.log").read_text() == "one\ntwo\n"
    assert heard == [("Echo", "one"), ("Echo", "two")]


def test_the_state_of_sources_changes_with_every_file_but_not_with_bytecode(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    source = tmp_path / "package" / "a.py"
    source.write_text("1")
    states = [sources.state([tmp_path])]
    os.utime(source, ns=(1, 1))
    states.append(sources.state([tmp_path]))
    (tmp_path / "package" / "b.py").write_text("1")
    states.append(sources.state([tmp_path]))
    source.unlink()
    states.append(sources.state([tmp_path]))

    assert len(set(states)) == 4
    (tmp_path / "package" / "__pycache__").mkdir()
    (tmp_path / "package" / "__pycache__" / "b.pyc").write_text("1")
    assert sources.state([tmp_path]) == states[-1]
    assert sources.state([tmp_path / "missing"]) == sources.state([tmp_path / "missing"])


def test_a_function_gets_lambdas_variables_and_none_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("SSL_CERT_FILE", "/ca.pem")
    function = Function("Echo", Path("/code"), "echo.app.handler", 3, 128, {"A": "template", "B": "template"}, None)
    config = GatewayConfig(
        template=Path("t"), environment={"*": {"B": "all", "C": "all"}, "Echo": {"C": "own", "AWS_REGION": "x"}}
    )

    environment = function_environment(function, Code(Path("/code"), [Path("/layer")]), config, "127.0.0.1:1")

    assert [environment[name] for name in "ABC"] == ["template", "all", "own"]
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["PYTHONPATH"] == os.pathsep.join(["/code", "/layer"])
    assert environment["SSL_CERT_FILE"] == "/ca.pem"
    assert "AWS_PROFILE" not in environment
