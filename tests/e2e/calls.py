"""The routes, and what every answer to every caller must be like."""

from collections.abc import Mapping

import httpx

from local.demo.campaign import CAMPAIGN_ID

SECONDS = 30
SEARCH = "/api/essearch"
COMMON = "/api/essearch-common"
DUPLICATE = "/api/duplicate"
REVALIDATE = "/api/permissions/revalidate"
BODIES: Mapping[str, Mapping[str, object]] = {
    SEARCH: {"lastName": "Żukowski", "credentials": {"name": "e2e"}},
    COMMON: {"lastName": "Żukowski"},
    DUPLICATE: {"campaignId": CAMPAIGN_ID, "voterId": "1"},
    REVALIDATE: {},
}
ROUTES = list(BODIES)
FROM_INSIDE = ("Traceback", 'File "', "127.0.0.1", "://", "DIRECTUS_API", "DIRECTUS_URL")
ERROR_KEYS = {"error", "code", "requestId"}


def check_contract(response: httpx.Response) -> None:
    """Fail on an answer that breaks the contract, whatever the request was."""
    response.read()
    if response.headers.get("x-request-id") is None:
        assert is_the_gateways_own(response), response.status_code
        return
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"] == response.headers["apigw-requestid"]
    if response.is_error:
        _check_error_contract(response)


def is_the_gateways_own(response: httpx.Response) -> bool:
    """Check whether API Gateway itself gives this answer: no such route, too large, a preflight."""
    if response.status_code == httpx.codes.NO_CONTENT or response.request.method == "HEAD":
        return not response.content
    said = {404: "Not Found", 413: "Request Entity Too Large", 431: "Request Header Fields Too Large"}
    return bool(response.json() == {"message": said.get(response.status_code)})


def error(response: httpx.Response) -> tuple[int, str]:
    """Return an error's status and code."""
    return response.status_code, response.json()["code"]


def fields(response: httpx.Response) -> list[str]:
    """Return the fields that a validation error names."""
    return [detail["field"] for detail in response.json()["details"]]


def _check_error_contract(response: httpx.Response) -> None:
    body = response.json()
    assert body.keys() - {"details"} == ERROR_KEYS
    assert body["requestId"] == response.headers["x-request-id"]
    assert "details" not in body or response.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert all(detail.keys() == {"field", "message"} for detail in body.get("details", []))
    assert (response.headers.get("www-authenticate") == "Bearer") == (response.status_code == httpx.codes.UNAUTHORIZED)
    assert not any(
        word in response.text for word in ("Traceback", 'File "', "127.0.0.1", "://", "DIRECTUS_API", "DIRECTUS_URL")
    )
