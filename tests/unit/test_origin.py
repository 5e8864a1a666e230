from collections.abc import Iterator

import pytest

from petition.auth import origin
from petition.auth.origin import require_own_origin
from petition.errors import Forbidden

OWN = "api.example.org"


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://app.example.org,http://localhost:3001")
    origin._allowed_origins.cache_clear()
    yield
    origin._allowed_origins.cache_clear()


def headers(**given: str) -> dict[str, str]:
    return {"host": OWN} | {name.replace("_", "-"): value for name, value in given.items()}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"sec_fetch_site": "same-origin", "origin": "https://www.example.org"},
        {"sec_fetch_site": "none"},
        {"origin": "https://app.example.org", "sec_fetch_site": "same-site"},
        {"origin": "http://localhost:3001"},
        {"origin": f"https://{OWN}"},
        {"origin": "https://www.example.org", "x_forwarded_host": "www.example.org"},
        {"origin": "https://evil.example", "sec_fetch_site": "cross-site", "authorization": "Bearer a.b.c"},
    ],
    ids=str,
)
def test_its_own_pages_and_programs_pass(given: dict[str, str]) -> None:
    require_own_origin(headers(**given))


@pytest.mark.parametrize(
    "given",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "https://evil.example.org", "sec_fetch_site": "same-site"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://[", "x_forwarded_host": ""},
        {"origin": "https://app.example.org.evil.example"},
        {"origin": "http://app.example.org"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "cross-site", "authorization": "Basic cHJldmlldw=="},
    ],
    ids=str,
)
def test_a_foreign_page_does_not(given: dict[str, str]) -> None:
    with pytest.raises(Forbidden, match="website"):
        require_own_origin(headers(**given))
