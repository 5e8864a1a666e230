"""Least privilege: each function may do only what it needs, and read only the secrets that it refers to."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from tools.house_rules.shape import FUNCTION, ROLE, as_list, logical_id, of_type, statements, text, variables
from tools.template import Properties, Template

SECRET_VARIABLE: Final = re.compile(r"PASSWORD|SECRET|TOKEN|KEYS|EMAIL|REDIS_URL|_KEY$")
REFERENCE: Final = re.compile(r"secretsmanager:([^#\s]+)(#\S+)?")
# Secrets Manager ends a secret's ARN with a hyphen and six characters of its own making.
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
SECRET_ARN: Final = re.compile(r":secretsmanager:[^*?]*:secret:([^*?\"]+)-\?{6}$")

# Actions that AWS's own policies allow on any resource: a function's network interfaces are not known beforehand, and
# X-Ray has no resources. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
UNBOUND: Final = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
# The narrowest policy that AWS publishes for CodeDeploy on Lambda.
SERVICE_POLICY: Final = ":iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"


def functions_have_their_own_role(template: Template) -> Iterator[str]:
    """Require a role for each function: a shared one allows each what the others need."""
    roles = {name: logical_id(function.get("Role")) for name, function in of_type(template, FUNCTION).items()}
    users = Counter(roles.values())
    for name, role in roles.items():
        if role not in of_type(template, ROLE):
            yield f"{name} has no role of the template."
        elif users[role] > 1:
            yield f"{name} shares its role."


def roles_allow_single_actions_on_single_resources(template: Template) -> Iterator[str]:
    """Refuse wildcards except in a secret's ARN, and policies defined elsewhere."""
    for name, role in of_type(template, ROLE).items():
        if any(not text(arn).endswith(SERVICE_POLICY) for arn in role.get("ManagedPolicyArns", [])):
            yield f"{name} has a managed policy, which others can change."
        for statement in statements(role):
            yield from (f"{name} allows {fault}." for fault in _wild(statement))


def secrets_are_references(template: Template) -> Iterator[str]:
    """Require references to secrets: a function's configuration is visible to everybody who may read it."""
    for name, function in of_type(template, FUNCTION).items():
        for variable, value in variables(function).items():
            if SECRET_VARIABLE.search(variable) and not REFERENCE.fullmatch(str(value)):
                yield f"{name}'s {variable} is not a reference to a secret."


def roles_read_exactly_the_secrets_that_are_referred_to(template: Template) -> Iterator[str]:
    """Require that a role reads the secrets its function refers to, and no others."""
    roles = of_type(template, ROLE)
    for name, function in of_type(template, FUNCTION).items():
        needed, allowed = _secrets_of(function), _readable(roles.get(logical_id(function.get("Role")), {}))
        yield from (f"{name} refers to {secret}, which its role may not read." for secret in sorted(needed - allowed))
        yield from (f"{name}'s role may read {secret} for no reason." for secret in sorted(allowed - needed))


def secrets_hold_nothing_for_others(template: Template) -> Iterator[str]:
    """Require separate secrets: a role that may read one key of a secret can read all of them."""
    functions = of_type(template, FUNCTION)
    references = {name: {*_references(function)} for name, function in functions.items()}
    everything = set[tuple[str, str]]().union(*references.values())
    for name, own in references.items():
        secrets = {secret for secret, _ in own}
        others = {(secret, key) for secret, key in everything - own if secret in secrets}
        yield from (f"{name} may read {secret}{key}, which is for others." for secret, key in sorted(others))


def _wild(statement: Properties) -> Iterator[str]:
    """Yield what a statement allows without a limit that it could have."""
    actions = as_list(statement["Action"])
    yield from (action for action in actions if "*" in action)
    if not UNBOUND.issuperset(actions):
        yield from (f"it on {each}" for each in as_list(statement["Resource"]) if _is_wild(each))


def _is_wild(resource: object) -> bool:
    return bool(re.search(r"[*?]", json.dumps(resource))) and not SECRET_ARN.search(text(resource))


def _secrets_of(function: Properties) -> set[str]:
    return {secret for secret, _ in _references(function)}


def _references(function: Properties) -> Iterator[tuple[str, str]]:
    """Yield the secrets that a function refers to, each with its key."""
    for value in variables(function).values():
        if found := REFERENCE.fullmatch(str(value)):
            yield found[1], found[2] or ""


def _readable(role: Properties) -> set[str]:
    resources = [text(each) for statement in statements(role) for each in as_list(statement["Resource"])]
    return {found[1] for resource in resources if (found := SECRET_ARN.search(resource))}
