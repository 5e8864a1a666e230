"""What docs/openapi.json shows of each route is what a stack answers to it."""

import json
from typing import Any

import httpx
import pytest

from local.description import Description
from local.state import ROOT

PATHS: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
JSON = "application/json"
TIMES = {"generatedAt"}


def stable(value: Any, user: str) -> Any:  # noqa: ANN401 - JSON
    """Return an answer without what differs between stacks: who asks, and when."""
    match value:
        case dict():
            return {name: "a time" if name in TIMES else stable(each, user) for name, each in value.items()}
        case list():
            return [stable(each, user) for each in value]
        case str():
            return value.replace(user, "the user's id")
        case _:
            return value


def users_id(tag: str) -> str:
    return tag.removeprefix("permissions-")


@pytest.mark.parametrize("path", PATHS)
def test_the_example_is_a_real_answer(organizer: httpx.Client, stack: Description, path: str) -> None:
    operation = PATHS[path]["post"]
    content = operation.get("requestBody", {}).get("content", {JSON: {}})[JSON]
    ids = {each["name"]: each["example"] for each in operation.get("parameters", []) if each["in"] == "path"}
    answer = organizer.post(path.format(**ids), json=content.get("example"))
    shown = operation["responses"]["200"]["content"][JSON]["example"]
    assert answer.status_code == 200
    assert stable(answer.json(), stack.users.organizer.id) == stable(shown, users_id(shown.get("tag", "nobody")))
