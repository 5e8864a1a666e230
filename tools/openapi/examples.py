"""One request and its answer for each route, from the local stack's made-up voters."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Example:
    """The body of a request, if it has one, and that of its 200 answer."""

    response: Any
    request: Any = None


EXAMPLES = {
    path: Example(**example)
    for path, example in json.loads(Path(__file__).with_name("examples.json").read_text()).items()
}
