"""The services that the functions use, without a fault, as far as one request of each route needs them."""

import base64
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.faults.http_faults import says
from tests.integration.faults.servers import Answer, Connection, Request

CAMPAIGN = "0b54fc5c-0b5a-4bb5-9d5b-6b4c5a5a0001"
SIGNED = "12345678"
CHART = "0b54fc5c-0b5a-4bb5-9d5b-6b4c5a5a0002"
MOMENT = "2026-11-22T15:10:29.622+00:00"
DATA = {
    "version": 1,
    "chartType": "bar",
    "timezone": "UTC",
    "generatedAt": MOMENT,
    "series": [{"field": "n", "name": "Signatures", "role": "value", "type": "count"}],
    "rows": [{"n": 3}],
}
CONFIG = json.dumps({"source": "signatures", "measures": [{"name": "n", "type": "count"}]})
GENERATED = {"id": CHART, "title": "A chart", "data": DATA, "generatedAt": MOMENT}
KEY_ID = "signing-key"
SHARED_SECRET = "made-up, and of the 32 bytes that HS256 asks for"
SIGNING_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(SIGNING_KEY.public_key())) | {"kid": KEY_ID, "use": "sig"}
PERMISSIONS = ["voters:search", "signers:check", "charts:generate"]
PERSON = {"voterId": "12345678", "firstName": "Ada", "lastName": "Lee", "birthYear": 1990}
NOT_FOUND = says(404, {"message": "no such path"})


async def directus(connection: Connection, request: Request) -> None:
    """Answer a login, a search that finds one person, and a count of one."""
    token = {"access_token": "a-token", "expires": 900_000, "refresh_token": "another"}
    is_count = "aggregate" in json.loads(request.body or b"{}").get("query", {})
    found: dict[str, object] = {"count": 1} if is_count else PERSON
    answers = {"/auth/login": says(200, {"data": token}), "/items/persons": says(200, {"data": [found]})}
    await answers.get(request.path, NOT_FOUND)(connection, request)


async def supabase(connection: Connection, request: Request) -> None:
    """The keys of sessions, the permissions of whoever is asked about, one chart, and one chart that is due."""
    path, _, _ = request.path.partition("?")
    await _supabase_answer(path, request)(connection, request)


def _supabase_answer(path: str, request: Request) -> Answer:
    arguments: dict[str, Any] = json.loads(request.body or b"{}")
    voters = [SIGNED] if SIGNED in arguments.get("voter_ids", []) else []
    answers: dict[str, object] = {
        "/auth/v1/.well-known/jwks.json": {"keys": [PUBLIC_KEY]},
        "/rest/v1/charts": [{"id": CHART, "campaign_id": CAMPAIGN, "config": CONFIG, "definition_version": 1}],
        "/rest/v1/rpc/permissions_snapshot": permissions(str(arguments.get("user_id"))),
        "/rest/v1/rpc/generate_chart": {"outcome": "generated", "campaignId": CAMPAIGN, "chart": GENERATED},
        "/rest/v1/rpc/find_signers": voters,
        "/rest/v1/rpc/due_charts": {"charts": [CHART], "next": None, "oldestAgeSeconds": 60},
    }
    return says(200, answers[path]) if path in answers else NOT_FOUND


def permissions(user: str) -> dict[str, object]:
    """Return a user's permission set in the database: everything, everywhere."""
    return {"userId": user, "roles": ["organizer"], "permissions": PERMISSIONS, "campaigns": {"*": PERMISSIONS}}


def session(user: str, *, by_published_key: bool) -> str:
    """Return a session's access token, signed with the published key or with the shared secret."""
    claims = {"sub": user, "role": "authenticated", "aud": "authenticated", "exp": int(time.time()) + 600}
    if by_published_key:
        return jwt.encode(claims, SIGNING_KEY, "ES256", {"kid": KEY_ID})
    return jwt.encode(claims, SHARED_SECRET)


async def queue(connection: Connection, request: Request) -> None:
    """Take every message of a batch."""
    entries = json.loads(request.body)["Entries"]
    taken = [{"Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": ""} for entry in entries]
    await says(200, {"Successful": taken}, Content_Type="application/x-amz-json-1.0")(connection, request)


def secret_store(text: str) -> Answer:
    """Answer as a Secrets Manager in which every secret is this text."""

    async def answer(connection: Connection, request: Request) -> None:
        name = json.loads(request.body)["SecretId"]
        found = {"ARN": "arn:aws:made-up", "Name": name, "SecretString": text, "VersionId": "1"}
        await says(200, found, Content_Type="application/x-amz-json-1.1")(connection, request)

    return answer


async def frontend(connection: Connection, request: Request) -> None:
    """Drop what is cached under the tag."""
    await says(200, {"revalidated": True})(connection, request)


def event(path: str, body: object, session: str, **headers: str) -> dict[str, Any]:
    """An API Gateway event of a signed-in user."""
    given = {"content-type": "application/json", "authorization": f"Bearer {session}", **headers}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "pathParameters": {"id": CHART},
        "headers": given,
        "requestContext": {"requestId": "from-gateway", "http": {"method": "POST", "path": path}},
        "body": base64.b64encode(json.dumps(body).encode()).decode() if body is not None else "",
        "isBase64Encoded": True,
    }
    return event
