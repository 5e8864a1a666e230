"""Read a chart's definition, and explain in plain words what is wrong with it."""

import json

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from charts.definition import Definition
from charts.filters import MAX_DEPTH
from petition.errors import Detail, InvalidChart

MAX_CHARACTERS = 16_384
MAX_DETAILS = 20
MAX_NAME = 100  # characters of an unknown setting's name that an answer repeats
MAX_NESTING = 2 * MAX_DEPTH + 8  # no valid definition is deeper, and recursion bears far more

_DEFINITION = TypeAdapter(Definition)
# These replace pydantic's own sentences: they name classes, and some repeat the input.
PLAIN_WORDS = {
    "missing": "Is required",
    "extra_forbidden": "Is not a setting here",
    "model_type": "Must be an object",
    "model_attributes_type": "Must be an object",
    "string_pattern_mismatch": "Must be a name: a letter, then letters, digits and underscores, 63 at most",
    "union_tag_invalid": "Must have a type: count, countDistinct, sum, avg, min, max",
    "union_tag_not_found": "Must have a type: count, countDistinct, sum, avg, min, max",
    "float_type": "Must be a number",
    "finite_number": "Must be a number",
    "int_type": "Must be a whole number",
    "bool_type": "Must be true or false",
    "string_type": "Must be text",
    "string_unicode": "Must be text",
    "list_type": "Must be a list",
    "literal_error": "Must be {expected}",
    "greater_than_equal": "Must be {ge} or more",
    "less_than_equal": "Must be {le} or less",
    "too_short": "Must hold {min_length} or more",
    "too_long": "Must hold {max_length} or fewer",
    "string_too_short": "Must not be empty",
    "string_too_long": "Must have {max_length} characters or fewer",
}


def parse_definition(config: object) -> Definition:
    """Read a definition from JSON values.

    Raises:
        InvalidChart: the definition is wrong; up to 20 `details` say where. None repeats the input.
    """
    if _measure_nesting(config) > MAX_NESTING or len(json.dumps(config, ensure_ascii=False)) > MAX_CHARACTERS:
        raise InvalidChart(
            details=[Detail("", f"A definition holds at most {MAX_CHARACTERS} characters, {MAX_NESTING} levels deep")]
        )
    try:
        return _DEFINITION.validate_python(config)
    except ValidationError as error:
        raise InvalidChart(details=_explain(config, error)) from None


def _measure_nesting(config: object) -> int:
    """Return how deep lists and objects are nested. Recursion is avoided: a hostile definition could exhaust it."""
    depth, level = 0, [config]
    while level and depth <= MAX_NESTING:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth


def _explain(config: object, error: ValidationError) -> list[Detail]:
    """Return one detail for each path. If a value matches none of several alternatives, the first is explained."""
    messages: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False):
        messages.setdefault(_format_path(config, problem), _explain_problem(problem))
    return [Detail(path, message) for path, message in messages.items()][:MAX_DETAILS]


def _explain_problem(problem: ErrorDetails) -> str:
    plain = PLAIN_WORDS.get(problem["type"])
    words = plain.format(**problem.get("ctx", {})) if plain else problem["msg"]
    return words.replace("Must be False", "Must be false")  # as JSON has it


def _format_path(config: object, problem: ErrorDetails) -> str:
    """Write where a problem is as "filters.0.values.1": pydantic's path, without the names of models in it.

    An unknown setting keeps the name that was sent, cut off if it is long.
    """
    steps: list[str] = []
    value = config
    for step in problem["loc"]:
        inner = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inner, dict) and step in inner:
            value = inner[step]
            steps.append(str(step)[:MAX_NAME])
    if problem["type"] == "missing":
        steps.append(str(problem["loc"][-1]))
    return ".".join(steps)
