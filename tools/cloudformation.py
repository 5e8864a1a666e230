"""What CloudFormation gets to see: template.yaml translated by SAM, for certain values of its parameters."""

import logging
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Final

from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from tools.artifact import ROOT

# It warns of each feature that SAM's own service may switch on.
logging.getLogger("samtranslator.feature_toggle").setLevel(logging.ERROR)

type Properties = dict[str, Any]  # a template's own mappings: of any shape
type Template = dict[str, Any]

TEMPLATE: Final = ROOT / "template.yaml"
REGION: Final = "us-east-1"
REQUIRED: Final = {
    "Release": "test",
    "DirectusUrl": "https://directus.example.org",
    "SupabaseUrl": "https://abcdefghijklmnopqrst.supabase.co",
}
EVERYTHING: Final = REQUIRED | {
    "AlarmEmail": "operator@example.org",
    "AllowAnonymousDuplicate": "true",
    "AllowAnonymousSearch": "true",
    "AllowedOrigins": "https://app.example.org,https://preview.example.org",
    "Architecture": "x86_64",
    "CertificateArn": f"arn:aws:acm:{REGION}:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "ChartSchedule": "cron(0/5 * * * ? *)",
    "ChartRouteConcurrency": "5",
    "CookieSealed": "false",
    "DomainName": "api.example.org",
    "NextRevalidateUrl": "https://app.example.org/api/revalidate",
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/petition-boundary",
    "PersonsFields": '{"voterId": "voter_id"}',
    "RunbookUrl": "https://github.com/example/petition-api/blob/main/docs/runbook.md",
    "SearchConcurrency": "50",
    "SecurityGroupIds": "sg-0123456789abcdef0",
    "SnapStart": "PublishedVersions",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "SupabaseCookieName": "sb-session",
    "SupabaseJwtAudience": "authenticated",
    "SupabaseJwtIssuer": "https://supabase.example.org/auth/v1",
    "SupabaseSharedSecret": "true",
    "Tracing": "Active",
}
"""Parameters that switch on whatever can be."""

_NOTHING: Final = object()


def read() -> Template:
    """The SAM template as it is written; each time a new copy, since SAM changes what it translates."""
    return deepcopy(_parsed())


@cache
def _parsed() -> Template:
    template: Template = yaml_parse(TEMPLATE.read_text("utf-8"))
    return template


def translated(template: Template, parameters: Mapping[str, str]) -> Template:
    """What SAM makes of a template, which is changed by it.

    Raises:
        InvalidDocumentException: it is no SAM template.
    """
    _as_packaged(template)
    # No managed policy is named, so that none has to be looked up.
    translator = Translator({}, Parser(), boto_session=Session(region_name=REGION))
    result: Template = translator.translate(sam_template=template, parameter_values=dict(parameters))
    # They go nowhere, and it warns of those that it still has at the end.
    translator.metrics.publish()
    return result


def _as_packaged(template: Template) -> None:
    """With code in S3, as `sam package` leaves it: SAM takes nothing else."""
    parts = [resource["Properties"] for resource in template["Resources"].values() if "Properties" in resource]
    for properties in (template["Globals"]["Function"], *parts):
        for key in ("CodeUri", "ContentUri"):
            if not properties.get(key, "s3://").startswith("s3://"):
                properties[key] = f"s3://bucket/{properties[key]}"


def resolved(template: Template, parameters: Mapping[str, str]) -> Template:
    """A translated template with what parameters and conditions yield in their place, so that a linter sees values."""
    declared = template.get("Parameters", {})
    values = {name: parameters.get(name, parameter.get("Default", "")) for name, parameter in declared.items()}
    resolver = _Resolver(values, template.get("Conditions", {}))
    resources = {
        name: resolver.resolve({key: part for key, part in resource.items() if key != "Condition"})
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or resolver.holds(resource["Condition"])
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


class _Resolver:
    def __init__(self, values: Mapping[str, object], conditions: Properties) -> None:
        self._values = values
        self._conditions = conditions
        self._intrinsics: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::If": self._if,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def resolve(self, node: object) -> Any:  # noqa: ANN401 - of the shape of what it resolves
        match node:
            case dict() if len(node) == 1 and (key := next(iter(node))) in self._intrinsics:
                return self._intrinsics[key](node[key])
            case dict():
                return {key: value for key, part in node.items() if (value := self.resolve(part)) is not _NOTHING}
            case list():
                return [value for part in node if (value := self.resolve(part)) is not _NOTHING]
        return node

    def holds(self, condition: object) -> bool:
        match condition:
            case str(name):
                return self.holds(self._conditions[name])
            case {"Fn::Equals": [left, right]}:
                return bool(str(self.resolve(left)) == str(self.resolve(right)))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::Or": [*any_of]}:
                return any(self.holds(inner) for inner in any_of)
        raise ValueError(f"a condition of another kind: {condition}")

    def _ref(self, name: str) -> object:
        return _NOTHING if name == "AWS::NoValue" else self._values.get(name, {"Ref": name})

    def _if(self, argument: tuple[str, object, object]) -> object:
        condition, met, unmet = argument
        return self.resolve(met if self.holds(condition) else unmet)

    def _split(self, argument: tuple[str, object]) -> object:
        separator, text = argument
        return str(self.resolve(text)).split(separator)

    def _sub(self, text: object) -> object:
        if not isinstance(text, str):
            return {"Fn::Sub": text}
        done = re.sub(r"\$\{(\w+)\}", lambda found: str(self._values.get(found[1], found[0])), text)
        return {"Fn::Sub": done} if "${" in done else done
