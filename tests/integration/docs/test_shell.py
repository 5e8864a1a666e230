"""The commands of the pages that call the API, run by a shell against the stack, and what they print."""

import json
import re
import subprocess
from typing import Any

import httpx
import pytest
from redis import Redis

from local.description import Description
from local.session import access_token, exports
from tests.integration.docs.blocks import Block, blocks

SECONDS = 60
# The shell's own `make`, as `make -s session` signs in to the stack of `make dev` alone.
PRELUDE = 'make() { [ "$*" = "-s session" ] && echo "$SESSION"; }\nset -eu\neval "$(make -s session)"\n'
CALLS = [block for block in blocks("sh") if "curl" in block.text and "/api/me" not in block.text]


def run(stack: Description, block: Block) -> list[Any]:
    """The answers that a block's commands print."""
    done = subprocess.run(  # noqa: S603 - our own pages
        ["/bin/bash", "-c", PRELUDE + block.text],
        env={"SESSION": exports(stack, stack.users.organizer), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return list(read_documents(done.stdout))


def read_documents(text: str) -> list[Any]:
    """The JSON documents that stand one after the other."""
    found = []
    while text := text.strip():
        value, end = json.JSONDecoder().raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def pattern(line: str) -> re.Pattern[str]:
    """What a line shows; an ellipsis stands for anything."""
    return re.compile(re.escape(line).replace("…", ".*"))


def as_json(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("block", CALLS, ids=str)
def test_calls_are_answered(stack: Description, block: Block) -> None:
    answers = run(stack, block)
    assert len(answers) == block.text.count("curl ")
    assert [answer for answer in answers if "error" in answer] == []


def test_the_search_that_a_page_shows_is_answered(stack: Description) -> None:
    (shown,) = (block for block in blocks("json") if block.page.name == "search.md")
    headers = {"Authorization": f"Bearer {access_token(stack, stack.users.organizer)}"}
    answer = httpx.post(
        f"{stack.api}/api/essearch-common", json=json.loads(shown.text), headers=headers, timeout=SECONDS
    )
    assert (answer.status_code, "closeHits" in answer.json()) == (200, True)


def test_an_app_makes_a_signature_known_by_itself(stack: Description) -> None:
    (shown,) = (block for block in blocks("") if block.page.name == "signers.md")
    campaign, voter = stack.campaign.id, "made-known-by-an-app"
    command = shown.text.strip().replace("<id>", campaign).replace("<voter id>", voter).split()
    asked = {"campaignId": campaign, "voterId": voter}
    headers = {"Authorization": f"Bearer {access_token(stack, stack.users.organizer)}"}
    with Redis.from_url(stack.redis.url) as redis:
        redis.execute_command(*command)
        try:
            answer = httpx.post(f"{stack.api}/api/duplicate", json=asked, headers=headers, timeout=SECONDS)
        finally:
            redis.srem(command[1], voter)
    assert answer.json() == {"exists": True}


def test_the_readme_shows_what_is_answered(stack: Description) -> None:
    (calls,) = (block for block in CALLS if block.page.name == "README.md")
    (shown,) = (block for block in blocks("json") if block.page.name == "README.md")
    for line, answer in zip(shown.text.splitlines(), run(stack, calls), strict=True):
        assert pattern(line.replace(", …", "…")).fullmatch(as_json(answer)), line
