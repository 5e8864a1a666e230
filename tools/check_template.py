"""Check the deployment without an account: python -m tools.check_template.

`sam validate --lint` reads the template as it is written, and lets through what only shows in what SAM makes of it.
"""

import json
import sys
from collections.abc import Iterator, Mapping

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tools.cloudformation import EVERYTHING, REGION, REQUIRED, Template, read, resolved, translated
from tools.house_rules import violations


def faults(template: Template, parameters: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with a SAM template, which is changed by it, as these parameters deploy it."""
    cloudformation = resolved(translated(template, parameters), parameters)
    yield from cfn_lint(cloudformation)
    yield from violations(cloudformation)


def cfn_lint(cloudformation: Template) -> Iterator[str]:
    """What cfn-lint finds, with the place."""
    for match in lint(json.dumps(cloudformation), config=ManualArgs(regions=[REGION])):
        yield f"{match.rule.id} {'/'.join(str(part) for part in match.path or [])}: {match.message}"


def main() -> int:
    """Print every fault; 1 where there is one."""
    found = {fault for parameters in (REQUIRED, EVERYTHING) for fault in faults(read(), parameters)}
    sys.stderr.writelines(f"template.yaml: {fault}\n" for fault in sorted(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
