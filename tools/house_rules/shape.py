"""Look-ups in a translated, resolved template."""

import re
from typing import Final

from tools.template import Properties, Template

FUNCTION: Final = "AWS::Lambda::Function"
ROLE: Final = "AWS::IAM::Role"
ALARM: Final = "AWS::CloudWatch::Alarm"


def of_type(template: Template, kind: str) -> dict[str, Properties]:
    """Return the properties of each resource of a type, by logical id."""
    return {n: each.get("Properties", {}) for n, each in template["Resources"].items() if each["Type"] == kind}


def routes(template: Template) -> dict[str, str]:
    """Return the function of each route, by route key."""
    body = next(iter(of_type(template, "AWS::ApiGatewayV2::Api").values()), {}).get("Body", {})
    return {
        f"{method.upper()} {path}": logical_id(operation["x-amazon-apigateway-integration"]["uri"])
        for path, operations in body.get("paths", {}).items()
        for method, operation in operations.items()
    }


def logical_id(node: object) -> str:
    """Return the logical id that Ref, GetAtt or Sub point at; for an alias, its function's; "" if there is none."""
    match node:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name.removesuffix("Aliaslive")
        case _:
            found = re.search(r"\$\{(?!AWS::)(\w+)", text(node))
            return found[1].removesuffix("Aliaslive") if found else ""


def watched_resource(alarm: Properties) -> str:
    """Return the logical id of the resource whose metric an alarm watches."""
    dimensions = alarm.get("Dimensions") or [{}]
    return logical_id(dimensions[0].get("Value"))


def statements(role: Properties) -> list[Properties]:
    """Return the statements of a role's own policies."""
    return [s for policy in role.get("Policies", []) for s in as_list(policy["PolicyDocument"]["Statement"])]


def variables(function: Properties) -> Properties:
    """Return a function's environment variables."""
    found: Properties = function.get("Environment", {}).get("Variables", {})
    return found


def as_list[Item](value: Item | list[Item]) -> list[Item]:
    """Return a list, where IAM takes one value or many."""
    return value if isinstance(value, list) else [value]


def text(node: object) -> str:
    """Return the text of a string or a Sub."""
    match node:
        case str():
            return node
        case {"Fn::Sub": str(content)}:
            return content
        case _:
            return ""
