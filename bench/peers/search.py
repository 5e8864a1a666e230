"""POST /api/essearch and /api/essearch-common with FastAPI and Mangum."""

import os
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from mangum import Mangum
from pydantic import JsonValue

from .service import Model, logger, requires
from .settings import setting

PREFIX_FIELDS = ("first_name", "middle_name", "last_name", "address")
FIELDS = ("voterId", "firstName", "middleName", "lastName", "address", "city", "state", "zip", "county", "birthYear")

app = FastAPI()
directus = httpx.AsyncClient(base_url=os.environ["DIRECTUS_URL_SEARCH"], timeout=10)


class SearchQuery(Model):
    """The criteria of a search."""

    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    county: str | None = None
    birth_year: int | None = None
    voter_id: str | None = None
    limit: int = 20
    page: int = 1


class Credentials(Model):
    """The environment variables that hold the credentials."""

    name: str
    email_key: str = "DIRECTUS_API_EMAIL_SEARCH"
    password_key: str = "DIRECTUS_API_PASSWORD_SEARCH"  # noqa: S105 - a variable's name


class ChosenSearchQuery(SearchQuery):
    """A search and the credentials to make it with."""

    credentials: Credentials


class SearchAnswer(Model):
    """One page of persons."""

    persons: list[dict[str, JsonValue]]
    hits_count: int
    total_hits: int


type User = Annotated[str, Depends(requires("voters:search"))]


@app.post("/api/essearch-common")
async def search_common(query: SearchQuery, request: Request, response: Response, user: User) -> SearchAnswer:
    """Search with the common credentials."""
    return await find(query, Credentials(name="search"), request, response, user)


@app.post("/api/essearch")
async def search(query: ChosenSearchQuery, request: Request, response: Response, user: User) -> SearchAnswer:
    """Search with the credentials that the request names."""
    return await find(query, query.credentials, request, response, user)


async def find(
    query: SearchQuery, credentials: Credentials, request: Request, response: Response, user: str
) -> SearchAnswer:
    """One request to Directus, and a login where the browser keeps no token."""
    cookie = f"directus_token_{credentials.name}"
    token = request.cookies.get(cookie)
    if token is None:
        token = await log_in(credentials)
        response.set_cookie(cookie, token, max_age=3600, httponly=True, secure=True, samesite="strict")
    persons = await items(query, token)
    logger.info("search user=%s credentials=%s hits=%d", user, credentials.name, len(persons))
    return SearchAnswer(persons=persons, hits_count=len(persons), total_hits=len(persons))


async def log_in(credentials: Credentials) -> str:
    """A new access token."""
    body = {"email": setting(credentials.email_key), "password": setting(credentials.password_key)}
    answer = await directus.post("/auth/login", json=body)
    token: str = answer.json()["data"]["access_token"]
    return token


async def items(query: SearchQuery, token: str) -> list[dict[str, JsonValue]]:
    """The persons that meet the query."""
    body = {"query": {"filter": condition(query), "fields": FIELDS, "sort": "lastName", "limit": query.limit}}
    answer = await directus.request("SEARCH", "/items/persons", json=body, headers={"Authorization": f"Bearer {token}"})
    if answer.is_error:
        raise HTTPException(502, "upstream_error")
    found: list[dict[str, JsonValue]] = answer.json()["data"]
    return found


def condition(query: SearchQuery) -> JsonValue:
    """The Directus filter."""
    given = query.model_dump(include=set(SearchQuery.model_fields) - {"limit", "page"}, exclude_none=True)
    names = {name: field.alias or name for name, field in SearchQuery.model_fields.items()}
    return {
        "_and": [
            {names[name]: {"_istarts_with" if name in PREFIX_FIELDS else "_eq": value}} for name, value in given.items()
        ]
    }


handler = Mangum(app, lifespan="off")
