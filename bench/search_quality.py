"""How often a close search has the right voter on the first page: made-up lists, made-up slips, seeds as options."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.quality.cases import FIELD_SETS, VoterList
from bench.quality.clipboard import Rates
from bench.quality.population import Voter, county, nationwide
from bench.quality.recall import Recall, measure
from bench.report import Limit, Row

SEED = 20260601  # weights are fitted with another one, and on the other half of the voters
SEARCHES = 2_000
MEAN_REQUESTS, MOST_REQUESTS = 1.4, 3


@dataclass(frozen=True)
class Target:
    """What is measured of one list.

    Attributes:
        slips: how much more often than usual they happen.
        typed: one of `FIELD_SETS`.
        places: on the first page.
        recall: at least.
    """

    slips: float
    typed: str
    places: int
    recall: float


EVERYTHING, TEN = "everything", 10
TARGETS: dict[tuple[str, Callable[[int, int], Sequence[Voter]], int], Sequence[Target]] = {
    ("nationwide", nationwide, 100_000): (
        Target(1, EVERYTHING, TEN, 0.99),
        Target(1, EVERYTHING, 1, 0.98),
        Target(2, EVERYTHING, TEN, 0.975),
        Target(1, "name, address, ZIP code", TEN, 0.985),
        Target(1, "name, address", TEN, 0.98),
        Target(1, "name", TEN, 0.92),
    ),
    ("nationwide", nationwide, 500_000): (
        Target(1, EVERYTHING, TEN, 0.99),
        Target(1, "name, address, ZIP code", TEN, 0.975),
    ),
    ("in the demo's county", county, 100_000): (Target(1, EVERYTHING, TEN, 0.99),),
}


def rows(seed: int = SEED, searches: int = SEARCHES) -> Iterator[Row]:
    """One row for each target, and one for the requests of each list."""
    for (name, make, size), targets in TARGETS.items():
        voters, where = VoterList(make, size, seed), f"{size:,} voters {name}"
        recalls = {(each.slips, each.typed): _measure(voters, each, searches) for each in targets}
        for target in targets:
            yield _recall_row(where, target, recalls[target.slips, target.typed])
        yield _request_row(where, recalls[1, EVERYTHING], max(each.most_requests for each in recalls.values()))


def _measure(voters: VoterList, target: Target, searches: int) -> Recall:
    cases = voters.cases(searches, Rates().times(target.slips), "test")
    return measure(voters, cases, FIELD_SETS[target.typed])


def _recall_row(where: str, target: Target, recall: Recall) -> Row:
    place = "first" if target.places == 1 else f"among the first {target.places}"
    slips = "" if target.slips == 1 else ", twice the slips"
    return Row(
        f"close search, the right voter {place}",
        f"{target.typed} typed{slips}; {where}",
        f"{recall.at(target.places):.1%}",
        limits=[Limit(100 * (1 - recall.at(target.places)), round(100 * (1 - target.recall), 1), "% missed")],
    )


def _request_row(where: str, usual: Recall, most: int) -> Row:
    return Row(
        "close search, requests to Directus, mean and most",
        f"everything typed; {where}",
        f"{usual.mean_requests:.2f}, {most}",
        limits=[Limit(usual.mean_requests, MEAN_REQUESTS, ""), Limit(most, MOST_REQUESTS, "")],
    )
