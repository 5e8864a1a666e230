"""The AWS APIs that the bundle calls, over HTTP, from moto's server. It keeps nothing between two starts."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.intrinsics import parse_template
from local.loopback import LOOPBACK
from local.process import Program, answers
from local.state import HOST, State

REGION = "us-east-1"
# moto takes any; without a pair of keys boto3 would look for real ones on the machine
KEY = "local"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": KEY,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}
ACCOUNT = "123456789012"  # moto's
ATTRIBUTES = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds")
# The headers of boto3's calls to SQS; importing boto3 would take 0.7 s. moto reads only the region of the signature.
SQS = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/{REGION}/sqs/aws4_request",
    "Content-Type": "application/x-amz-json-1.0",
}
SECONDS = 10


@dataclass(frozen=True)
class Aws:
    """A running server. `queues` are URLs by their logical id in the template."""

    url: str
    queues: Mapping[str, str]


@asynccontextmanager
async def aws(state: State, template: Path) -> AsyncIterator[Aws]:
    """Run the server for the length of a block, with the template's queues."""
    port = state.port("aws")
    url = f"http://{HOST}:{port}"
    arguments = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
    program = Program("AWS", arguments, state.log("aws"), CREDENTIALS, state.data("aws"))
    async with program.run() as process:
        await program.wait_ready(process, lambda: answers(f"{url}/moto-api/data.json"))
        yield Aws(url, await _create(url, _queues(template)))


def _queues(template: Path) -> dict[str, dict[str, Any]]:
    resources = parse_template(template.read_text())["Resources"].items()
    return {name: each.get("Properties", {}) for name, each in resources if each["Type"] == "AWS::SQS::Queue"}


async def _create(url: str, properties: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Create queues under their logical ids, each after the dead-letter queue that it names."""
    async with httpx.AsyncClient(base_url=url, headers=SQS, timeout=SECONDS, **LOOPBACK) as client:
        urls = {}
        for name in sorted(properties, key=lambda name: "RedrivePolicy" in properties[name]):
            body = {"QueueName": name, "Attributes": _attributes(properties[name])}
            answer = await client.post("/", json=body, headers={"X-Amz-Target": "AmazonSQS.CreateQueue"})
            urls[name] = answer.raise_for_status().json()["QueueUrl"]
        return urls


def _attributes(properties: Mapping[str, Any]) -> dict[str, str]:
    attributes = {name: str(properties[name]) for name in ATTRIBUTES if name in properties}
    if policy := properties.get("RedrivePolicy"):
        dead_letters, _ = policy["deadLetterTargetArn"]["Fn::GetAtt"]
        target = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{dead_letters}"
        attributes["RedrivePolicy"] = json.dumps({**policy, "deadLetterTargetArn": target})
    return attributes
