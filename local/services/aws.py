"""The AWS APIs that the bundle calls, over HTTP, from moto's server. It keeps nothing between two starts."""

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from local.process import Program, answers
from local.state import HOST

REGION = "us-east-1"
# moto takes any; without a pair of keys boto3 would look for real ones on the machine
KEY = "local"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": KEY,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


@asynccontextmanager
async def aws(port: int, folder: Path, log: Path) -> AsyncIterator[str]:
    """Run the server for the length of a block; gives its URL."""
    url = f"http://{HOST}:{port}"
    arguments = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
    program = Program("moto", arguments, log, CREDENTIALS, folder)
    async with program.running() as process:
        await program.ready(process, lambda: answers(f"{url}/moto-api/data.json"))
        yield url


def create_queues(url: str, names: Iterable[str]) -> dict[str, str]:
    """Create the queues of these names; gives their URLs."""
    import boto3  # noqa: PLC0415 - 0.7 s, which only a template with a queue costs

    client = boto3.client("sqs", endpoint_url=url, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=KEY)
    return {name: client.create_queue(QueueName=name)["QueueUrl"] for name in names}
