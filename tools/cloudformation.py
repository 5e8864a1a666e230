"""What CloudFormation gets to see: template.yaml translated by SAM, for certain values of its parameters."""

import logging
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Final

from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.gateway.intrinsics import Resolver
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
    "SqsEndpointUrl": "https://vpce-0123456789abcdef0.sqs.us-east-1.vpce.amazonaws.com",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "SupabaseCookieName": "sb-session",
    "SupabaseJwtAudience": "authenticated",
    "SupabaseJwtIssuer": "https://supabase.example.org/auth/v1",
    "SupabaseSharedSecret": "true",
    "Tracing": "Active",
}
"""Parameters that switch on whatever can be."""


def read_template() -> Template:
    """Read the SAM template; each time a new copy, because SAM changes what it translates."""
    return deepcopy(_parse_template())


@cache
def _parse_template() -> Template:
    template: Template = yaml_parse(TEMPLATE.read_text("utf-8"))
    return template


def translate(template: Template, parameters: Mapping[str, str]) -> Template:
    """Translate a template with SAM, which changes the argument.

    Raises:
        InvalidDocumentException: it is no SAM template.
    """
    _point_at_packages(template)
    # No managed policy is named, so that none has to be looked up.
    translator = Translator({}, Parser(), boto_session=Session(region_name=REGION))
    result: Template = translator.translate(sam_template=template, parameter_values=dict(parameters))
    # They go nowhere, and it warns of those that it still has at the end.
    translator.metrics.publish()
    return result


def _point_at_packages(template: Template) -> None:
    """Put the code into S3, as `sam package` does: SAM takes nothing else."""
    parts = [resource["Properties"] for resource in template["Resources"].values() if "Properties" in resource]
    for properties in (template["Globals"]["Function"], *parts):
        for key in ("CodeUri", "ContentUri"):
            if not properties.get(key, "s3://").startswith("s3://"):
                properties[key] = f"s3://bucket/{properties[key]}"


def resolve(template: Template, parameters: Mapping[str, str]) -> Template:
    """Replace parameters and conditions of a translated template by their values, so that a linter sees values."""
    declared = template.get("Parameters", {})
    values = {name: parameters.get(name, parameter.get("Default", "")) for name, parameter in declared.items()}
    resolver = Resolver(values, template.get("Conditions", {}), keeps_unknown=True)
    resources = {
        name: resolver.resolve({key: part for key, part in resource.items() if key != "Condition"})
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or resolver.holds(resource["Condition"])
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
