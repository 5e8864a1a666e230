"""`make rebuild-signers` on the running stack."""

import subprocess
import sys

from redis import Redis

from local.description import Description
from local.state import ROOT
from tests.stack_state import state_of

SECONDS = 120


def rebuild(stack: Description, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.rebuild_signers", "--state", str(state_of(stack).folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - our own


def test_lost_sets_are_whole_again_and_their_size_is_told(stack: Description) -> None:
    campaign = stack.campaign.id
    key = f"campaign:{campaign}:signers"
    with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
        before = redis.smembers(key)
        redis.delete(key)
        for given in ([], [campaign]):
            done = rebuild(stack, *given)
            assert (done.returncode, done.stderr) == (0, "")
            assert f"{campaign}  {len(before) - 1:,} signers" in done.stdout
            assert done.stdout.rstrip().endswith("sets are whole.")
            assert redis.smembers(key) == before


def test_without_a_stack_it_says_how_to_start_one() -> None:
    command = [sys.executable, "-m", "local.rebuild_signers", "--state", "no/such/folder"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - our own
    assert (done.returncode, done.stderr) == (1, "The stack is not running: start it with  make dev\n")
