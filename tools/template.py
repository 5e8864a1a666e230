"""template.yaml as it is written, and parameters to try it with."""

from copy import deepcopy
from functools import cache
from typing import Any, Final

from local.intrinsics import parse_template
from tools.artifact import ROOT

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
"""Parameters that switch everything on."""


def read_template() -> Template:
    """Read the SAM template: a new copy each time, because SAM changes what it translates."""
    return deepcopy(_parse_template())


@cache
def _parse_template() -> Template:
    template: Template = parse_template(TEMPLATE.read_text("utf-8"))
    return template
