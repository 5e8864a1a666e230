"""The OpenAPI document: made from the routes' models, and kept in docs/openapi.json."""

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from petition.http.route import Route
from petition.http.schema import Schema
from petition.validation import JsonValue
from tools.openapi import about, operations, schemas

TARGET = Path(__file__).parents[2] / "docs" / "openapi.json"
MODULES = ("essearch.app", "essearch.common", "duplicate.app", "charts.app", "permissions.app")

type Object = dict[str, JsonValue]


def routes() -> list[Route[Schema]]:
    """Every HTTP route, in the contract's order."""
    return [import_module(module).ROUTE for module in MODULES]


def document(listed: Sequence[Route[Schema]]) -> Object:
    """The OpenAPI 3.1 document of these routes."""
    return {
        "openapi": "3.1.0",
        "info": about.INFO,
        "servers": about.SERVERS,
        "tags": about.TAGS,
        "security": [{name: []} for name in about.SESSION],
        "paths": {route.path: {"post": operations.operation(route)} for route in listed},
        "components": {
            "schemas": schemas.components(listed),
            "headers": about.HEADERS,
            "securitySchemes": about.SESSION,
        },
    }


def text() -> str:
    """The file's content."""
    return json.dumps(document(routes()), indent=2, ensure_ascii=False) + "\n"
