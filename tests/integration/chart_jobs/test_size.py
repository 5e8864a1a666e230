"""Only finished rows travel: how many bytes reach the function does not depend on how many rows were counted."""

from typing import Any

import pytest

from charts.worker import handler
from petition.upstream.deadline_transport import Answer, DeadlineConnections
from tests.integration.chart_jobs.jobs import event, message
from tests.integration.chart_jobs.project import CAMPAIGN, Project
from tests.integration.lambda_process import Context

SECONDS = 160
CONFIG = {
    "source": "signatures",
    "measures": [
        {"name": "circulators", "type": "countDistinct", "field": "circulator"},
        {"name": "birth_year", "type": "avg", "field": "birth_year"},
    ],
    "timeDimension": {"dimension": "signed_at", "granularity": "day", "dateRange": ["2026-10-01", "2026-10-30"]},
    "dimensions": [{"dimension": "channel"}],
}
# Every day, circulator and channel alike, so that any multiple of 900 rows makes the same chart.
SIGN = """
insert into signatures (campaign_id, voter_id, signed_at, channel, circulator, birth_year)
  select %s, gen_random_uuid(), timestamptz '2026-10-01 12:00Z' + number % 30 * interval '1 day',
    (array['clipboard', 'event', 'mail'])[1 + number / 30 % 3], 'C' || number / 90 % 10, 1950
  from generate_series(1, %s) as number
"""


def count_bytes(project: Project, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many bytes Supabase answers while one chart is generated."""
    (chart,) = project.add(CONFIG)
    sizes: list[int] = []
    send = DeadlineConnections.send

    def send_and_count(*arguments: Any, **options: Any) -> Answer:  # noqa: ANN401 - passed on
        answer = send(*arguments, **options)
        sizes.append(len(answer.content))
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(DeadlineConnections, "send", send_and_count)
        handler(event(message(chart)), Context(SECONDS))
    assert [row["circulators__1"] for row in project.row(chart)["data"]["rows"]] == [10] * 30
    return sum(sizes)


@pytest.mark.usefixtures("_process")
def test_a_hundred_times_the_rows_make_no_more_bytes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    for count in (900, 99_000):
        project.database.execute(SIGN.replace(" % ", " %% "), (CAMPAIGN, count))
        sizes.append(count_bytes(project, monkeypatch))
    few, many = sizes
    assert few > 2_000
    assert abs(many - few) < 20  # the time of generation may have fewer digits
