"""A definition that nobody can read holds up no other chart."""

import json

import psycopg
import pytest

from tests.integration.chart_jobs.gateway import Api, error
from tests.integration.chart_jobs.project import COUNT, Project

LONGEST = 65_536
UNREADABLE = {
    "a number of 60,000 digits": json.dumps(COUNT)[:-1] + ', "limit": ' + "9" * 60_000 + "}",
    "lists in lists": json.dumps(COUNT)[:-1] + ', "filters": ' + "[" * 2000 + "]" * 2000 + "}",
}


def definition_of_length(length: int) -> str:
    """A definition whose text, as the database writes it, has this length."""
    text = json.dumps(COUNT | {"title": ""})
    return text.replace('"title": ""', '"title": "' + "x" * (length - len(text)) + '"')


def due(project: Project) -> int:
    """How many charts wait for the schedule."""
    query = "select jsonb_array_length(public.due_charts() -> 'charts')"
    return int(project.database.execute(query).fetchall()[0][0])


def test_a_definition_has_a_maximum_length(project: Project) -> None:
    project.add_text(definition_of_length(LONGEST))
    with pytest.raises(psycopg.errors.CheckViolation, match="charts_config_length"):
        project.add_text(definition_of_length(LONGEST + 1))


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_marked_so_and_not_due_again_before_an_edit(
    api: Api, project: Project, text: str
) -> None:
    chart, (other,) = project.add_text(text), project.add()
    assert due(project) == 2
    assert error(api.generate(chart)) == (422, "invalid_chart")
    assert project.row(chart)["status"] == "invalid"
    assert due(project) == 1
    assert api.generate(other).status_code == 200
    project.edit(chart, COUNT)
    assert due(project) == 1
    assert api.generate(chart).status_code == 200
