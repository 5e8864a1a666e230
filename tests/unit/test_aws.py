"""Calls of AWS: who signs, where they go, what is repeated, and what is said if they fail."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import boto3
import pytest

from petition.upstream import aws
from petition.upstream.aws import AwsError, call_aws, find_credentials
from petition.upstream.aws_signature import AwsCredentials
from tests.aws import close_connections
from tests.http_server import QuietHandler, listen

SIGNER = AwsCredentials("id", "secret", "token")
GIVEN = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
SILENT = "silent"
type Script = list[tuple[int, object] | str]


class Service:
    """Answers with what a script says, one call after the other, and keeps the requests."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, str]] = []
        self.over = threading.Event()

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Its address, for the length of a block."""
        service = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - the library's name
                length = int(self.headers.get("content-length", 0))
                service.requests.append({**self.headers, "body": self.rfile.read(length).decode()})
                said = service.script.pop(0)
                if isinstance(said, str):
                    service.over.wait(9)
                    self.close_connection = True
                    return
                status, content = said
                self.send_answer(status, json.dumps(content).encode(), ())

            do_GET = do_POST  # noqa: N815 - the library's name

        with listen(Handler) as url:
            try:
                yield url
            finally:
                self.over.set()
                close_connections()


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    for name in (*GIVEN, "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Service]:
    service = Service(list(request.param))
    with service.serve() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield service


FAILED: tuple[int, object] = (500, {})
THROTTLED: tuple[int, object] = (400, {"__type": "ThrottlingException"})
DENIED = (400, {"__type": "com.amazonaws.secretsmanager#AccessDeniedException", "Message": "arn:hush"})
FINE = (200, {"SecretString": "hush"})


@pytest.mark.parametrize(
    "call", [[FINE], [FAILED, FINE], [THROTTLED, FINE], [SILENT, FINE], [(503, "busy"), FINE]], indirect=True
)
def test_what_passes_is_tried_once_more(call: Service) -> None:
    read = partial(call_aws, "secretsmanager", "secretsmanager.GetSecretValue", credentials=SIGNER, seconds=0.3)
    assert read({"SecretId": "a"}) == FINE[1]
    assert call.script == []
    last = call.requests[-1]
    assert (last["x-amz-target"], json.loads(last["body"])) == ("secretsmanager.GetSecretValue", {"SecretId": "a"})
    assert "eu-central-1/secretsmanager/aws4_request" in last["authorization"]
    assert last["x-amz-security-token"] == "token"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ([DENIED], "AccessDeniedException"),
        ([FAILED, FAILED], "HTTP 500"),
        ([THROTTLED, THROTTLED], "ThrottlingException"),
        ([SILENT, SILENT], "ReadTimeout"),
        ([(200, "no object")], "ResponseParserError"),
        ([(301, {})], "HTTP 301"),
    ],
    indirect=["call"],
)
def test_a_failure_is_told_by_its_code_alone(call: Service, code: str) -> None:
    with pytest.raises(AwsError) as raised:
        call_aws("secretsmanager", "secretsmanager.GetSecretValue", {}, SIGNER, seconds=0.3)
    assert str(raised.value) == code
    assert call.script == []


def test_a_service_that_cannot_be_reached_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with Service([]).serve() as url:
        pass
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", url)
    with pytest.raises(AwsError, match=r"^ConnectError$"):
        call_aws("ssm", "AmazonSSM.GetParameter", {}, SIGNER)


@pytest.mark.parametrize(
    ("service", "region", "environment", "endpoint"),
    [
        ("ssm", "eu-central-1", {}, "https://ssm.eu-central-1.amazonaws.com"),
        ("secretsmanager", "cn-north-1", {}, "https://secretsmanager.cn-north-1.amazonaws.com.cn"),
        ("ssm", "us-east-1", {"AWS_ENDPOINT_URL": "http://a"}, "http://a"),
        ("ssm", "us-east-1", {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_SSM": "http://b"}, "http://b"),
        ("secretsmanager", "us-east-1", {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://c"}, "http://c"),
    ],
)
def test_the_endpoint_is_the_one_that_boto3_takes(
    monkeypatch: pytest.MonkeyPatch,
    service: Literal["ssm", "secretsmanager"],
    region: str,
    environment: dict[str, str],
    endpoint: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert aws._endpoint(service, region) == endpoint
    client = boto3.session.Session(region_name=region).client(service)
    assert client.meta.endpoint_url == endpoint


def test_without_a_region_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(AwsError, match=r"^NoRegionError$"):
        call_aws("ssm", "AmazonSSM.GetParameter", {}, SIGNER)


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert find_credentials() == SIGNER
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    assert find_credentials().session_token is None


@pytest.mark.parametrize("call", [[(200, {"AccessKeyId": "a", "SecretAccessKey": "s", "Token": "t"})]], indirect=True)
def test_after_a_restore_they_come_from_lambdas_own_server(call: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{os.environ['AWS_ENDPOINT_URL']}/2021/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "key")
    assert find_credentials() == AwsCredentials("a", "s", "t")
    assert call.requests[0]["authorization"] == "key"


@pytest.mark.parametrize("call", [[(200, {"Message": "hush"})]], indirect=True)
def test_an_answer_without_credentials_is_told(call: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", os.environ["AWS_ENDPOINT_URL"])
    with pytest.raises(AwsError, match=r"^CredentialRetrievalError$"):
        find_credentials()
    assert len(call.requests) == 1


def test_without_credentials_nothing_is_sent() -> None:
    with pytest.raises(AwsError, match=r"^NoCredentialsError$"):
        find_credentials()
