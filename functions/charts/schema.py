"""Print the JSON Schema of a chart definition: `python -m charts.schema > docs/chart-definition.schema.json`."""

import json
import sys

from charts.definition import Definition


def schema() -> str:
    """Return the JSON Schema (draft 2020-12) of `charts.config`, as the file in docs/ holds it."""
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Definition.model_json_schema()
    return json.dumps(described, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
