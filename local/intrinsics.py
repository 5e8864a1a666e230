"""CloudFormation's intrinsic functions, as far as they can be resolved without a stack.

The gateway drops what only a stack knows. The template's checks keep it as written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml  # type: ignore[import-untyped]  # stubs for one call are not worth a dependency
from samtranslator.yaml_helper import intrinsics_multi_constructor

NO_VALUE: Final = object()
"""Marks what is left out of lists and mappings: AWS::NoValue, and dropped unknown values."""

_UNKNOWN: Final = object()
_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]+)\}")


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]  # see the import
    """SAM's own reader of the short forms, such as `!Ref`, on libyaml: five times as fast as `yaml_parse`."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def parse_template(text: str) -> Any:  # noqa: ANN401 - of any shape
    """Parse a template, or any other YAML.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader


def pseudo_parameters(region: str) -> dict[str, object]:
    """Return the parameters that CloudFormation defines in every template."""
    return {"AWS::Region": region, "AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::StackName": "local"}


def parameter_values(declared: Mapping[str, Mapping[str, object]], given: Mapping[str, str]) -> dict[str, object]:
    """Return the value of each parameter: the given one, or its default. It is a list if its type is one."""
    values: dict[str, object] = {}
    for name, declaration in declared.items():
        value = given.get(name, declaration.get("Default"))
        if value is not None:
            is_list = str(declaration.get("Type", "")).startswith(("CommaDelimitedList", "List<"))
            values[name] = [part.strip() for part in str(value).split(",")] if is_list else value
    return values


@dataclass(frozen=True)
class Resolver:
    """Resolves Ref, Sub, Join, Split, If and conditions.

    Attributes:
        names: the values that Ref and Sub know, of parameters and pseudo parameters.
        conditions: the template's own.
        keeps_unknown: keep an unknown value as written. Otherwise it is dropped.
    """

    names: Mapping[str, object]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    keeps_unknown: bool = False

    def resolve(self, node: object) -> Any:  # noqa: ANN401 - of the shape of what it resolves
        """Replace the intrinsic functions of a node by their values.

        Returns:
            the node; NO_VALUE if nothing is left.
        """
        match node:
            case dict() if len(node) == 1:
                ((key, argument),) = node.items()
                return self._call(str(key), argument, node)
            case dict():
                return self._mapping(node)
            case list():
                return [value for part in node if (value := self.resolve(part)) is not NO_VALUE]
        return node

    def holds(self, condition: object) -> bool:
        """Check whether a condition, given by its name or as an expression, is true.

        Raises:
            ValueError: it uses a function that no condition here may use.
        """
        match condition:
            case str(name) | {"Condition": str(name)}:
                return self.holds(self.conditions[name])
            case {"Fn::Equals": [left, right]}:
                return str(self.resolve(left)) == str(self.resolve(right))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": [*all_of]}:
                return all(self.holds(inner) for inner in all_of)
            case {"Fn::Or": [*any_of]}:
                return any(self.holds(inner) for inner in any_of)
        raise ValueError(f"A condition cannot be evaluated: {condition}")

    def _call(self, name: str, argument: object, node: dict[str, object]) -> object:
        found = self._evaluate(name, argument)
        if found is not _UNKNOWN:
            return found
        return self._mapping(node) if self.keeps_unknown or not _is_intrinsic(name) else NO_VALUE

    def _evaluate(self, name: str, argument: object) -> object:
        match name:
            case "Ref":
                return NO_VALUE if argument == "AWS::NoValue" else self.names.get(str(argument), _UNKNOWN)
            case "Fn::Sub":
                return self._substitute(argument)
            case "Fn::Join" | "Fn::Split":
                return self._text(name, argument)
            case "Fn::If":
                return self._choose(argument)
        return _UNKNOWN

    def _mapping(self, node: dict[str, object]) -> dict[str, object]:
        return {key: value for key, part in node.items() if (value := self.resolve(part)) is not NO_VALUE}

    def _substitute(self, argument: object) -> object:
        text, own = argument if isinstance(argument, list) else (argument, {})
        values = self._mapping(own)
        known = {**self.names, **{name: value for name, value in values.items() if not isinstance(value, dict)}}
        done = _VARIABLE.sub(lambda found: _replacement(found, known), str(text))
        if all(literal or name in known for literal, name in _VARIABLE.findall(str(text))):
            return _VARIABLE.sub(lambda found: f"${{{found[2]}}}", done)
        if not self.keeps_unknown:
            return NO_VALUE
        unknown = {name: value for name, value in values.items() if name not in known}
        return {"Fn::Sub": [done, unknown] if unknown else done}

    def _text(self, name: str, argument: object) -> object:
        match name, self.resolve(argument):
            case "Fn::Join", [str(separator), [*parts]] if not any(isinstance(part, dict) for part in parts):
                return separator.join(str(part) for part in parts)
            case "Fn::Split", [str(separator), str(text)]:
                return text.split(separator)
        return _UNKNOWN

    def _choose(self, argument: object) -> object:
        match argument:
            case [str(condition), met, unmet]:
                return self.resolve(met if self.holds(condition) else unmet)
        raise ValueError(f"An If cannot be evaluated: {argument}")


def _is_intrinsic(name: str) -> bool:
    return name == "Ref" or name.startswith("Fn::")


def _replacement(found: re.Match[str], known: Mapping[str, object]) -> str:
    """Return the value of a variable. A literal `${!name}` and an unknown name stay as written."""
    return found[0] if found[1] or found[2] not in known else str(known[found[2]])
