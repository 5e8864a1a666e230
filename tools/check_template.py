"""Check the deployment without an account: python -m tools.check_template.

`sam validate --lint` reads the template as it is written, and misses faults that only show after SAM has translated it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tools.artifact import ROOT
from tools.cloudformation import resolve, translate
from tools.house_rules import violations
from tools.template import EVERYTHING, REGION, REQUIRED, Template, read_template

WRITTEN: Final = ROOT / ".aws-sam" / "translated"


def faults(template: Template, parameters: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with a SAM template when it is deployed with these parameters. The template is changed."""
    cloudformation = resolve(translate(template, parameters), parameters)
    yield from cfn_lint(cloudformation)
    yield from violations(cloudformation)


def cfn_lint(cloudformation: Template) -> Iterator[str]:
    """Yield what cfn-lint finds, with the place."""
    for match in lint(json.dumps(cloudformation), config=ManualArgs(regions=[REGION])):
        yield f"{match.rule.id} {'/'.join(str(part) for part in match.path or [])}: {match.message}"


def main() -> int:
    """Print every fault. The translated template stays for other programs to check.

    Returns:
        1 if there is a fault, 0 if not.
    """
    WRITTEN.mkdir(parents=True, exist_ok=True)
    found = set[str]()
    for name, parameters in (("required", REQUIRED), ("everything", EVERYTHING)):
        cloudformation = resolve(translate(read_template(), parameters), parameters)
        (WRITTEN / f"{name}.json").write_text(json.dumps(cloudformation, indent=2), "utf-8")
        found |= {*cfn_lint(cloudformation), *violations(cloudformation)}
    sys.stderr.writelines(f"template.yaml: {fault}\n" for fault in sorted(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
