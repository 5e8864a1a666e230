"""CloudFormation's intrinsic functions, as far as they can be resolved without a stack."""

import re
from collections.abc import Mapping
from typing import Final

UNRESOLVED: Final = object()
"""Stands for what only a deployed stack knows; it is left out of lists and mappings."""

CONDITIONS: Final = "AWS::Conditions"
"""The name under which the template's own conditions are found, for If."""

_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]+)\}")


def pseudo_parameters(region: str) -> dict[str, object]:
    """What CloudFormation defines in every template."""
    return {"AWS::Region": region, "AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::StackName": "local"}


def parameter_values(declared: Mapping[str, Mapping[str, object]], given: Mapping[str, str]) -> dict[str, object]:
    """The value of each parameter: given, or its default; a list where its type is one."""
    values: dict[str, object] = {}
    for name, declaration in declared.items():
        value = given.get(name, declaration.get("Default"))
        if value is not None:
            is_list = str(declaration.get("Type", "")).startswith(("CommaDelimitedList", "List<"))
            values[name] = [part.strip() for part in str(value).split(",")] if is_list else value
    return values


def resolve(value: object, names: Mapping[str, object]) -> object:
    """Replace Ref, Sub, Join, Split and If by what they yield; drop what cannot be known."""
    match value:
        case dict() if len(value) == 1 and (key := next(iter(value))) in _FUNCTIONS:
            return _FUNCTIONS[key](value[key], names)
        case dict() if len(value) == 1 and str(next(iter(value))).startswith("Fn::"):
            return UNRESOLVED
        case dict():
            pairs = ((key, resolve(item, names)) for key, item in value.items())
            return {key: item for key, item in pairs if item is not UNRESOLVED}
        case list():
            return [item for part in value if (item := resolve(part, names)) is not UNRESOLVED]
        case _:
            return value


def _ref(name: object, names: Mapping[str, object]) -> object:
    return names.get(str(name), UNRESOLVED)


def _sub(argument: object, names: Mapping[str, object]) -> object:
    text, own = argument if isinstance(argument, list) else (argument, {})
    resolved = resolve(own, names)
    known = {**names, **(resolved if isinstance(resolved, dict) else {})}
    unknown = [name for literal, name in _VARIABLE.findall(str(text)) if not literal and name not in known]
    if unknown:
        return UNRESOLVED
    return _VARIABLE.sub(lambda found: f"${{{found[2]}}}" if found[1] else str(known[found[2]]), str(text))


def _join(argument: object, names: Mapping[str, object]) -> object:
    match resolve(argument, names):
        case [str(separator), [*parts]]:
            return separator.join(str(part) for part in parts)
        case _:
            return UNRESOLVED


def _split(argument: object, names: Mapping[str, object]) -> object:
    match resolve(argument, names):
        case [str(separator), str(text)]:
            return text.split(separator)
        case _:
            return UNRESOLVED


def _if(argument: object, names: Mapping[str, object]) -> object:
    match argument:
        case [str(condition), met, unmet]:
            return resolve(met if _holds({"Condition": condition}, names) else unmet, names)
        case _:
            return UNRESOLVED


def _holds(condition: object, names: Mapping[str, object]) -> bool:
    match condition:
        case {"Condition": str(name)}:
            conditions = names.get(CONDITIONS)
            return isinstance(conditions, dict) and _holds(conditions.get(name), names)
        case {"Fn::Equals": [left, right]}:
            return str(resolve(left, names)) == str(resolve(right, names))
        case {"Fn::Not": [inner]}:
            return not _holds(inner, names)
        case {"Fn::And": [*all_of]}:
            return all(_holds(inner, names) for inner in all_of)
        case {"Fn::Or": [*any_of]}:
            return any(_holds(inner, names) for inner in any_of)
        case _:
            return False


_FUNCTIONS: Final = {"Ref": _ref, "Fn::Sub": _sub, "Fn::Join": _join, "Fn::Split": _split, "Fn::If": _if}
