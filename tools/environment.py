"""An environment: a file of environments/, and the one stack and the one prefix of secrets that belong to it."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]  # stubs for a few calls are not worth a dependency

from tools.artifact import ROOT
from tools.command import CommandError

FOLDER: Final = ROOT / "environments"
EXAMPLE: Final = "example"
# The stack's name is this after `petition-`, and the names of roles, which have 64 characters at most, begin with it.
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,19}")
REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
ACCOUNT: Final = re.compile(r"[0-9]{12}")
_EXAMPLES: Final = {"Region": "us-east-1", "Account": '"123456789012", in quotes'}


class EnvironmentFileError(CommandError):
    """An environment's file cannot be used, in a sentence for a person."""


@dataclass(frozen=True)
class Environment:
    """A deployment.

    Attributes:
        name: `staging` of environments/staging.yaml.
        given: what the file says, except for region and account.
        region: where it goes; None where the file leaves that to the shell.
        account: whose account it goes to, likewise.
    """

    name: str
    given: dict[str, object]
    region: str | None
    account: str | None

    @property
    def stack(self) -> str:
        """The stack's name, with which the names of its secrets begin."""
        return stack_name(self.name)


def stack_name(name: str) -> str:
    """Return the name of an environment's stack.

    Raises:
        EnvironmentFileError: the name is not allowed.
    """
    if name == EXAMPLE or not NAME.fullmatch(name):
        raise EnvironmentFileError(
            "ENV must name a file of environments/, in up to 20 small letters, digits and hyphens: ENV=staging."
        )
    return f"petition-{name}"


def load(name: str, folder: Path = FOLDER) -> Environment:
    """Read an environment's file.

    Raises:
        EnvironmentFileError: it is missing or malformed, or the name is not allowed.
    """
    stack_name(name)
    given = read_file(folder / f"{name}.yaml")
    region, account = _place(given, "Region", REGION), _place(given, "Account", ACCOUNT)
    return Environment(name, given, region, account)


def _place(given: dict[str, object], key: str, pattern: re.Pattern[str]) -> str | None:
    value = given.pop(key, None)
    if value is None:
        return None
    # A number that YAML has read may have lost its zeros.
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise EnvironmentFileError(f"{key} must look like {_EXAMPLES[key]}.")
    return value


def read_file(path: Path) -> dict[str, object]:
    """Return what an environment's file says.

    Raises:
        EnvironmentFileError: it is missing or malformed.
    """
    shown = f"environments/{path.name}"
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise EnvironmentFileError(f"{shown} was not found: copy environments/example.yaml and fill it in.") from None
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise EnvironmentFileError(f"{shown} is not YAML{_line(error)}.") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise EnvironmentFileError(f"{shown} must hold parameters, each as  Name: value")
    return content


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f", see line {mark.line + 1}"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # see the import
    """A safe loader that refuses a repeated key: the second would silently win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401, FBT001, FBT002 - yaml's
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in {key for key in keys if keys.count(key) > 1}:
            raise EnvironmentFileError(f"{key} is given twice.")
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


# A constructor of its own, because SAM's library replaces the one that all safe loaders share.
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_yaml_map)
