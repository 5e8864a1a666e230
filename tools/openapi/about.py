"""What the document says beyond the models: what each route is for, where it is served, and what a session is."""

from dataclasses import dataclass, field

from petition.validation import JsonValue

type Object = dict[str, JsonValue]

INFO: Object = {
    "title": "Petition API",
    "version": "1",
    "summary": "Voter search, duplicate check, charts and permissions for petition campaigns.",
    "description": (
        "Every answer is JSON with `Cache-Control: no-store` and an `X-Request-Id`. Every error is "
        "`{error, code, requestId}`: a sentence for a person, a word for a program, and what to look for in the logs. "
        "API Gateway answers `{message}` by itself where a request does not reach a route or a route does not answer."
    ),
    "contact": {"name": "The maintainers of this deployment"},
    "license": {"name": "All rights reserved", "identifier": "LicenseRef-All-Rights-Reserved"},
}
SERVERS: list[JsonValue] = [
    {"url": "/", "description": "The local stack, or a frontend's own origin with a rewrite to the API."},
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com",
        "description": "The address that `make deploy` prints.",
        "variables": {
            "api": {"default": "a1b2c3d4e5", "description": "The id of the HTTP API."},
            "region": {"default": "us-east-1", "description": "The region that it is deployed in."},
        },
    },
]
TAGS: list[JsonValue] = [
    {"name": "Voters", "description": "Find registered voters in Directus."},
    {"name": "Signatures", "description": "Who has signed a campaign's petition."},
    {"name": "Charts", "description": "Generate a chart's data. docs/charts.md describes definitions and results."},
    {"name": "Permissions", "description": "What a signed-in user may do."},
]
SESSION: Object = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A Supabase access token, as `session.access_token` of supabase-js.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sb-<project>-auth-token",
        "description": (
            "The cookie that `@supabase/ssr` writes, whole or in chunks (`.0`, `.1`, ...). `<project>` is the first "
            "label of the Supabase URL's host. A browser sends it along where the request allows credentials."
        ),
    },
}
HEADERS: Object = {
    "X-Request-Id": {
        "description": "The same as `requestId` in an error. The logs are found by it.",
        "schema": {"type": "string"},
        "example": "Jx9cKh0FoAMEMKw=",
    },
    "Retry-After": {
        "description": "Seconds after which a repeat can succeed. Absent where nobody knows.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 5,
    },
    "Preference-Applied": {
        "description": "The preference that was followed (RFC 7240).",
        "schema": {"type": "string", "const": "respond-async"},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string", "const": "Bearer"}},
}
PREFER: Object = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`respond-async` queues the chart and answers 202 at once (RFC 7240).",
    "schema": {"type": "string"},
    "example": "respond-async",
}
CHART_ID: Object = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The chart's id.",
    "schema": {"type": "string", "format": "uuid"},
    "example": "e7148e85-935c-5316-8ed7-a22ff4ec969d",
}


@dataclass(frozen=True)
class About:
    """One operation: its name for generated clients, its tag, and what a reader has to know."""

    operation_id: str
    tag: str
    description: str
    parameters: list[Object] = field(default_factory=list)


OPERATIONS = {
    "/api/essearch": About(
        "searchVoters",
        "Voters",
        "Needs the permission `voters:search`. All criteria that are given must hold, and there must be one. They may "
        "also be sent as URL query parameters; the body wins. `credentials` names environment variables of the "
        "function, and never holds a password. The Directus token is kept in the cookie `directus_token_<name>`, "
        "sealed and HttpOnly.",
    ),
    "/api/essearch-common": About(
        "searchVotersCommon",
        "Voters",
        "Needs the permission `voters:search`, unless the deployment opens it to anonymous callers. All criteria that "
        "are given must hold, and there must be one. They may also be sent as URL query parameters; the body wins. The "
        "Directus token is kept in the cookie `directus_token_search`, sealed and HttpOnly.",
    ),
    "/api/duplicate": About(
        "checkDuplicate",
        "Signatures",
        "Needs the permission `signers:check` in the campaign, unless the deployment opens it to anonymous callers. "
        "Send `voterId`, and `exists` answers; or up to 500 `voterIds`, and `signed` answers who of them has signed.",
    ),
    "/api/charts/{id}": About(
        "generateChart",
        "Charts",
        "Needs the permission `charts:generate` in the chart's campaign. Generates the chart's data, stores them and "
        "answers them. With `Prefer: respond-async` it is queued, and its row in Supabase says when it is ready.",
        [CHART_ID, PREFER],
    ),
    "/api/permissions/revalidate": About(
        "revalidatePermissions",
        "Permissions",
        "Needs a session and no permission. Drops what is cached of the caller's own permissions, here and in a "
        "Next.js frontend: the very next request sees the permissions as they are now. A body changes nothing.",
    ),
}
