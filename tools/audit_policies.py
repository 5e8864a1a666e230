"""Check every IAM policy with parliament: .audit/bin/python tools/audit_policies.py <template> ...

It knows which actions there are, and which resources and conditions each takes. This runs apart from the other tools,
in an environment that `make lint` makes, and imports none of them.
"""

import json
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own age
    import parliament  # type: ignore[import-not-found]  # it is only in .audit
    import yaml  # type: ignore[import-untyped]

ACCOUNT = "123456789012"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": ACCOUNT, "AWS::StackName": "petition"}
ARNS = {
    "AWS::Logs::LogGroup": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/petition-any:log-stream:any",
    "AWS::SQS::Queue": f"arn:aws:sqs:us-east-1:{ACCOUNT}:petition-any",
    "AWS::Lambda::Function": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:petition-any",
    "AWS::Lambda::Alias": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:petition-any:live",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/petition-any",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/petition-any",
}

# Findings of parliament that we reject, each with the reason.
ANSWERED = {
    # A transform belongs to no account: its ARN has `aws` in the account's place.
    "INVALID_ARN": "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31",
    # SAM's policies hold no variable, so the default version grants the same.
    "NO_VERSION": "",
    # AWS's own policies for Lambda and CodeDeploy say the same.
    "RESOURCE_STAR": r"\['(ec2:\w*(NetworkInterface|PrivateIpAddresses)|cloudwatch:DescribeAlarms)'",
}


def policies(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each policy of a template's roles, with its place."""
    resources: dict[str, Any] = template["Resources"]
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield name, _plain(properties["PolicyDocument"], resources)
        for policy in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            yield f"{name}/{policy['PolicyName']}", _plain(policy["PolicyDocument"], resources)


def _plain(node: Any, resources: dict[str, Any]) -> Any:  # noqa: ANN401 - of the shape of what it resolves
    """Return a policy with plain texts in place of what CloudFormation fills in."""
    match node:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return ARNS.get(resources.get(name, {}).get("Type", ""), PSEUDO.get(name, "any"))
        case {"Fn::GetAtt": str(path)}:
            return _plain({"Ref": path.partition(".")[0]}, resources)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda found: PSEUDO.get(found[1], "any"), text)
        case dict():
            return {key: _plain(part, resources) for key, part in node.items()}
        case list():
            return [_plain(part, resources) for part in node]
    return node


def findings(policy: dict[str, Any]) -> Iterator[str]:
    """Yield what parliament finds in a policy."""
    for finding in parliament.analyze_policy_string(json.dumps(policy)).findings:
        text = f"{finding.detail} {(finding.location or {}).get('string', '')}"
        if not re.search(ANSWERED.get(finding.issue, "$.^"), text):
            yield f"{finding.issue} {text}"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # see the import
    """Reads CloudFormation's short forms as the long ones."""


def _short(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    constructed = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: loader.construct_sequence,
        yaml.MappingNode: loader.construct_mapping,
    }[type(node)](node, **({} if isinstance(node, yaml.ScalarNode) else {"deep": True}))
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": constructed}


_Loader.add_multi_constructor("!", _short)


def main() -> int:
    """Print every finding.

    Returns:
        1 if there is a finding, or if nothing was checked; 0 otherwise.
    """
    templates = [(path, yaml.load(Path(path).read_text("utf-8"), _Loader)) for path in sys.argv[1:]]  # noqa: S506 - safe
    checked = [(path, name, policy) for path, template in templates for name, policy in policies(template)]
    found = [f"{path}: {name}: {each}" for path, name, policy in checked for each in findings(policy)]
    sys.stderr.writelines(f"{each}\n" for each in found)
    sys.stdout.write(f"parliament checked {len(checked)} policies.\n")
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
