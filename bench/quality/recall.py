"""How often a close search has the right voter on the first page, and what it asks of Directus."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.quality.cases import Case, VoterList, only
from essearch.close import find_close

LIMIT = 20
FIRST_PLACES = 10


@dataclass
class Recall:
    """What was counted.

    Attributes:
        first: searches whose first person is the right one.
        first_ten: searches that have the right one among the first ten.
        requests: to Directus, in all.
        most_requests: of one search.
    """

    searches: int = 0
    first: int = 0
    first_ten: int = 0
    requests: int = 0
    most_requests: int = 0

    def at(self, places: int) -> float:
        """The share of searches that have the right person among the first so many."""
        return (self.first if places == 1 else self.first_ten) / self.searches

    @property
    def mean_requests(self) -> float:
        """Requests of a search."""
        return self.requests / self.searches


def measure(voters: VoterList, cases: Iterable[Case], fields: Sequence[str]) -> Recall:
    """Search for every case with only some fields of the sheet typed."""
    recall = Recall()
    for case in cases:
        before = voters.items.requests
        found = find_close(only(case.typed, fields), voters.persons, limit=LIMIT)
        persons = [*found.exact.persons, *(each.person for each in found.close)]
        ids = [str(person["voterId"]) for person in persons[:FIRST_PLACES]]
        requests = voters.items.requests - before
        recall.searches += 1
        recall.first += ids[:1] == [case.voter_id]
        recall.first_ten += case.voter_id in ids
        recall.requests += requests
        recall.most_requests = max(recall.most_requests, requests)
    return recall
