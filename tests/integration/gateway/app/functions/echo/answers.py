"""Answers in every way that a function can, and fails in every way."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any


def _long_line() -> str:
    sys.stdout.write("x" * 300_000 + "\n")
    sys.stdout.write("a last line without an end")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def _start_child() -> None:
    child = subprocess.Popen(["sleep", "600"])  # noqa: S607 - any that is there
    print(f"child {child.pid}")  # noqa: T201 - how the test learns of it


def _child() -> None:
    _start_child()
    time.sleep(60)


def _orphan() -> None:
    _start_child()
    os._exit(3)


def _busy() -> None:
    print(f"busy {os.getpid()}")  # noqa: T201 - as above
    time.sleep(60)


def _raise() -> None:
    raise ValueError("raised on purpose")


KINDS: dict[str, Callable[[], object]] = {
    "plain": lambda: {"ok": True},
    "text": lambda: "just text",
    "cookies": lambda: {
        "statusCode": 201,
        "cookies": ["a=1; Path=/", "b=2"],
        "headers": {"X-Number": 7},
        "body": "made",
    },
    "binary": lambda: {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()},
    "cors": lambda: {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}, "body": "x"},
    "injection": lambda: {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b=1"}},
    "status": lambda: {"statusCode": "many"},
    "object": lambda: {"statusCode": 200, "body": {"not": "text"}},
    "big": lambda: {"statusCode": 200, "body": "x" * 6_400_000},
    "raise": _raise,
    "exit": lambda: os._exit(3),
    "wait": lambda: time.sleep(60),
    "long-line": _long_line,
    "child": _child,
    "orphan": _orphan,
    "busy": _busy,
    "pid": os.getpid,
}


def handler(event: dict[str, Any], _: object) -> object:
    return KINDS[event["pathParameters"]["kind"]]()
