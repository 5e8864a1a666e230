"""`make rebuild-signers ENV=`, against a stack, a queue and a log that moto plays."""

import json
import sys
import time
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from local.intrinsics import Resolver
from tools import rebuild_signers
from tools.rebuild_signers import main, rebuild
from tools.template import read_template

STACK = "petition-staging"
GROUP = f"/aws/lambda/{STACK}-signers-rebuild"
NORTH, SOUTH = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1", "6a1d3b5f-8e42-4c9f-8b27-4d1ef305c8b2"
OUTPUTS = {"ApiUrl": {"Value": "https://api.example.org"}, "Release": {"Value": "2026.1"}}
WITH_SETS = {
    "Resources": {"SignersQueue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {**OUTPUTS, "SignersQueueUrl": {"Value": {"Ref": "SignersQueue"}}},
}
WITHOUT_SETS = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": OUTPUTS}


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(rebuild_signers, "LOOK_SECONDS", 0.01)
    with mock_aws():
        boto3.client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(WITH_SETS))
        logs = boto3.client("logs")
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName="a process")
        yield


def log(message: str, **extra: object) -> None:
    """Have the worker log a line, as its logger writes it."""
    line = {"timestamp": int(time.time() * 1000) + 1, "message": json.dumps({"message": message, **extra})}
    boto3.client("logs").put_log_events(logGroupName=GROUP, logStreamName="a process", logEvents=[line])


def read_queue() -> list[object]:
    """Return what the worker is asked for."""
    (url,) = boto3.client("sqs").list_queues()["QueueUrls"]
    return [json.loads(each["Body"]) for each in boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]]


def test_all_sets_are_rebuilt_and_the_end_is_known() -> None:
    lines = rebuild(STACK, None)
    assert next(lines) == "The rebuild is queued."
    assert read_queue() == [{"campaign_id": None, "force": True}]
    log("rebuilds queued", campaigns=[NORTH, SOUTH])
    log("signers not rebuilt", cause="UpstreamTimeout", message_id="1")
    log("signers rebuilt", campaign=SOUTH, count=7)
    log("signers rebuilt", campaign=NORTH, count=12345)
    assert sorted(lines) == [
        "2 campaigns are queued.",
        f"{NORTH}: 12,345 signers.",
        f"{SOUTH}: 7 signers.",
        "A set could not be built (UpstreamTimeout). It is tried again.",
    ]


def test_one_set_is_rebuilt_and_others_are_not_waited_for() -> None:
    lines = rebuild(STACK, NORTH)
    next(lines)
    assert read_queue() == [{"campaign_id": NORTH, "force": True}]
    log("signers rebuilt", campaign=NORTH, count=3)
    assert [*lines] == [f"{NORTH}: 3 signers."]


@pytest.mark.parametrize(
    ("stack", "quiet_seconds", "message"),
    [
        ("petition-stagign", 330, "petition-stagign"),
        ("petition-external", 330, "petition-external keeps no sets of signers.\n"),
        (STACK, 0, "The worker logs nothing: see docs/runbook.md"),
    ],
    ids=["no such stack", "no sets", "silent"],
)
def test_what_goes_wrong_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stack: str, quiet_seconds: int, message: str
) -> None:
    boto3.client("cloudformation").create_stack(StackName="petition-external", TemplateBody=json.dumps(WITHOUT_SETS))
    monkeypatch.setattr(rebuild_signers, "QUIET_SECONDS", quiet_seconds)
    monkeypatch.setattr(sys, "argv", ["rebuild_signers", stack])
    assert main() == 1
    assert message in (printed := capsys.readouterr().err)
    assert printed.count("\n") == 1


@pytest.mark.parametrize(("keeper", "is_offered"), [("signatures", True), ("external", False)])
def test_the_queue_is_offered_only_where_the_sets_are_ours(keeper: str, *, is_offered: bool) -> None:
    template = read_template()
    conditions = Resolver({"SignersFrom": keeper}, template["Conditions"], keeps_unknown=True)
    assert conditions.holds(template["Outputs"]["SignersQueueUrl"]["Condition"]) is is_offered
