"""The OpenAPI document: made from the routes' models, and kept in docs/openapi.json."""

import json
from collections.abc import Mapping, Sequence
from importlib import import_module

from local.gateway.template import load
from petition.http.route import Route
from petition.http.schema import Schema
from petition.validation import JsonValue
from tools.artifact import ROOT
from tools.openapi import about, operations, schemas
from tools.openapi.examples import EXAMPLES

TARGET = ROOT / "docs" / "openapi.json"
DESCRIPTIONS: Mapping[str, Mapping[str, object]] = {
    "OPERATIONS in tools/openapi/about.py": about.OPERATIONS,
    "tools/openapi/examples.json": EXAMPLES,
}

type Object = dict[str, JsonValue]


def route_modules() -> list[str]:
    """The modules of the template's HTTP routes."""
    template = load(ROOT / "template.yaml")
    return [template.functions[route.function].handler.rpartition(".")[0] for route in template.routes]


def routes() -> list[Route[Schema]]:
    """Every HTTP route, in the order of `OPERATIONS`.

    Raises:
        LookupError: a route has no description or no example, or one of these has no route.
    """
    found = {route.path: route for route in (import_module(module).ROUTE for module in route_modules())}
    for name, described in DESCRIPTIONS.items():
        if different := found.keys() ^ described.keys():
            raise LookupError(f"{name} and the routes of template.yaml differ: {', '.join(sorted(different))}.")
    return [found[path] for path in about.OPERATIONS]


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
