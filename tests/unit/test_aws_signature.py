"""The signer signs as botocore does."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from petition.upstream.aws_signature import AwsCredentials, Scope, sign_request
from tests.thoroughness import times

# What may stand in a header or a key: all of printable ASCII, blanks in a row among it.
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
TOKENS = st.none() | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=600)
NAMES = st.from_regex(r"\A(x-amz-[a-z0-9-]{1,20}|X-Amz-Target|Content-Type|X-[A-Za-z]{1,9})\Z")
HOSTS = st.from_regex(r"\A[a-z0-9-]{1,30}(\.[a-z0-9-]{1,20}){0,3}(:[1-9][0-9]{0,4})?\Z").map(str)
OWN = {"x-amz-date", "x-amz-security-token"}
HEADERS = st.dictionaries(NAMES.filter(lambda name: name.lower() not in OWN), PRINTABLE.filter(str.strip), max_size=5)
REGIONS = st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]) | st.from_regex(
    r"\A[a-z]{2}(-[a-z]{3,9}){1,2}-[1-9]\Z"
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
BODIES = st.binary(max_size=300) | st.text(max_size=200).map(str.encode)


def sign_with_botocore(
    host: str, headers: dict[str, str], body: bytes, credentials: AwsCredentials, scope: Scope, moment: datetime
) -> dict[str, str]:
    request = AWSRequest("POST", f"https://{host}/", headers={"Host": host, **headers}, data=body)
    signer = auth.SigV4Auth(BotoCredentials(*credentials), scope.service, scope.region)
    with patch.object(auth, "get_current_datetime", lambda: moment.replace(tzinfo=None)):
        signer.add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@settings(max_examples=times(1200), deadline=None)
@given(
    host=HOSTS,
    headers=HEADERS,
    body=BODIES,
    credentials=st.builds(AwsCredentials, PRINTABLE, PRINTABLE, TOKENS),
    scope=st.builds(Scope, REGIONS, st.sampled_from(["secretsmanager", "ssm", "sqs"])),
    moment=MOMENTS,
)
def test_it_is_botocores_signature(
    host: str, headers: dict[str, str], body: bytes, credentials: AwsCredentials, scope: Scope, moment: datetime
) -> None:
    if len({name.lower() for name in headers}) < len(headers):
        return  # botocore joins headers of one name; none is sent here
    theirs = sign_with_botocore(host, headers, body, credentials, scope, moment)
    ours = sign_request({"Host": host, **headers}, body, credentials, scope, moment)
    assert ours["authorization"] == theirs["authorization"]
    for name in OWN & theirs.keys():
        assert ours[name] == theirs[name]


@pytest.mark.parametrize("changed", ["host", "x-amz-target", "body", "secret", "token", "region", "service", "moment"])
def test_whatever_is_changed_changes_the_signature(changed: str) -> None:
    given_ = {"host": "a.example", "x-amz-target": "T", "body": "{}", "secret": "s", "token": "t"}
    given_ |= {"region": "r", "service": "v", "moment": "2026-11-26T00:00:00+00:00"}

    def sign(values: dict[str, str]) -> str:
        headers = {name: values[name] for name in ("host", "x-amz-target")}
        credentials = AwsCredentials("id", values["secret"], values["token"])
        scope = Scope(values["region"], values["service"])
        moment = datetime.fromisoformat(values["moment"])
        return sign_request(headers, values["body"].encode(), credentials, scope, moment)["authorization"]

    other = "2026-11-26T00:00:01+00:00" if changed == "moment" else "other"
    assert sign(given_) == sign(dict(given_))
    assert sign(given_).rpartition("=")[2] != sign(given_ | {changed: other}).rpartition("=")[2]


def test_credentials_are_not_shown() -> None:
    assert repr(AwsCredentials("AKIA", "hush", "hush")) == "AwsCredentials('AKIA')"
