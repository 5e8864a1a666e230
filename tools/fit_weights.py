"""`python -m tools.fit_weights`: fit functions/essearch/weights.json, and write the weights into docs/search.md.

Voters are made up, and so are the slips in what is typed. The candidates of each search are compared with what was
typed, and a logistic regression over the levels tells the right voter from the others. Its coefficients are the
weights.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from math import exp

import msgspec

from bench.quality.cases import FIELD_SETS, Case, VoterList, only
from bench.quality.clipboard import Rates
from bench.quality.population import county, nationwide
from essearch.candidates import plans_for
from essearch.close import FIRST_LIMIT, condition_for
from essearch.comparison import Vector, compare
from essearch.ranking import FILE, probability

SIZE = 60_000
SEARCHES = 1_500
# Weights that the data says little about stay small.
RIDGE = 1.0
ROUNDS, STEPS = 2, 8
# Multiples of the usual rates of slips.
FACTORS = (1, 2, 3)
LISTS = (nationwide, county)
PAGE = FILE.parents[2] / "docs" / "search.md"
BEGIN, END = "<!-- weights: written by tools/fit_weights.py -->", "<!-- end of weights -->"
SEED = 1

type Weights = dict[str, dict[str, float]]
# How often a vector was seen: for the right voter, and for others.
type Counts = Mapping[Vector, Sequence[int]]
type Candidates = Sequence[tuple[Sequence[Vector], bool]]

# One search in so many asks for the candidates of its second plan, too.
SECOND_PLANS = 5

# The first guess, which only decides which order of the names agrees better.
START: Weights = {
    "intercept": {"": -4.0},
    "order": {"swapped": -3.0},
    **{
        name: {"same": 4.0, "half": 2.0, "nickname": 2.0, "near": 1.0, "other": -3.0}
        for name in ("lastName", "firstName")
    },
}


def main() -> None:
    """Fit the weights and write them."""
    parser = argparse.ArgumentParser(prog="python -m tools.fit_weights", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--size", type=int, default=SIZE, help="voters of each list")
    parser.add_argument("--searches", type=int, default=SEARCHES, help="for each list, rate of slips and set of fields")
    given = parser.parse_args()
    candidates = list(_candidates(given.size, given.searches, given.seed))
    weights = START
    for _ in range(ROUNDS):
        weights = fit(_count(candidates, weights))
    rounded = _round_weights(weights)
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(rounded), indent=1) + b"\n")
    write_page(rounded, given.searches, _count(candidates, weights))


def write_page(weights: Weights, searches: int, counts: Counts) -> None:
    """Write the weights and what they were fitted on into the page, between its marks."""
    right = sum(right for right, _ in counts.values())
    wrong = sum(wrong for _, wrong in counts.values())
    made = len(LISTS) * len(FACTORS) * len(FIELD_SETS) * searches
    lines = [
        f"Fitted on {made:,} searches of made-up voters: {right:,} candidates were meant and {wrong:,} were not.",
        "",
        "| field | weight of each level |",
        "| --- | --- |",
        *(f"| {field} | {_describe(levels)} |" for field, levels in weights.items()),
    ]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    text = "\n".join([f"{before}{BEGIN}", *lines, END])
    PAGE.write_text(text + rest.partition(END)[2])


def _describe(levels: Mapping[str, float]) -> str:
    best_first = sorted(levels.items(), key=lambda each: -each[1])
    return ", ".join(f"{level} {weight:+.2f}".strip() for level, weight in best_first)


def _round_weights(weights: Weights) -> Weights:
    return {name: {level: round(weight, 2) for level, weight in sorted(of.items())} for name, of in weights.items()}


def _candidates(size: int, searches: int, seed: int) -> Iterator[tuple[Sequence[Vector], bool]]:
    for make in LISTS:
        voters = VoterList(make, size, seed)
        for factor in FACTORS:
            cases = list(voters.cases(searches, Rates().times(factor), "dev"))
            for fields in FIELD_SETS.values():
                for case in cases:
                    yield from _compare(voters, case, only(case.typed, fields))


def _compare(voters: VoterList, case: Case, typed: Mapping[str, str | int]) -> Iterator[tuple[Sequence[Vector], bool]]:
    plans = plans_for(typed)
    plan = [*plans.first, *(plans.second if int(case.voter_id) % SECOND_PLANS == 0 else ())]
    for person in voters.persons.read(condition_for(plan, {}, voters.persons.fields), limit=FIRST_LIMIT):
        yield compare(typed, person), person["voterId"] == case.voter_id


def _count(candidates: Candidates, weights: Weights) -> Counts:
    """Count the vectors, each in the order of names that agrees better."""
    counts: dict[Vector, list[int]] = {}
    for vectors, is_right in candidates:
        best = max(vectors, key=lambda vector: probability(vector, weights))
        counts.setdefault(best, [0, 0])[not is_right] += 1
    return counts


def fit(counts: Counts) -> Weights:
    """Fit a logistic regression with a ridge, by Newton's method."""
    features = {("intercept", ""): 0}
    for vector in counts:
        for feature in _features(vector):
            features.setdefault(feature, len(features))
    rows = [
        ([0, *(features[each] for each in _features(vector))], right, wrong)
        for vector, (right, wrong) in counts.items()
    ]
    weights = [0.0] * len(features)
    for _ in range(STEPS):
        gradient, curvature = _derivatives(rows, weights)
        weights = [w + step for w, step in zip(weights, solve(curvature, gradient), strict=True)]
    result: Weights = {}
    for (field, level), place in features.items():
        result.setdefault(field, {})[level] = weights[place]
    return result


def _features(vector: Vector) -> list[tuple[str, str]]:
    pairs = zip(vector._fields, vector, strict=True)
    return [(field, level) for field, level in pairs if level not in ("unknown", "typed")]


def _derivatives(
    rows: Sequence[tuple[list[int], int, int]], weights: Sequence[float]
) -> tuple[list[float], list[list[float]]]:
    size = len(weights)
    gradient = [-RIDGE * weight if place else 0.0 for place, weight in enumerate(weights)]
    curvature = [
        [RIDGE * (row == column) if row else 1e-9 * (row == column) for column in range(size)] for row in range(size)
    ]
    for places, right, wrong in rows:
        log_odds = max(-30.0, min(30.0, sum(weights[place] for place in places)))
        p = 1 / (1 + exp(-log_odds))
        error, spread = right - (right + wrong) * p, (right + wrong) * p * (1 - p)
        for place in places:
            gradient[place] += error
            row = curvature[place]
            for other in places:
                row[other] += spread
    return gradient, curvature


def solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """Solve a system of linear equations by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    size = len(rows)
    for place in range(size):
        pivot = max(range(place, size), key=lambda row: abs(rows[row][place]))
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for other in range(size):
            if other != place and rows[other][place]:
                factor = rows[other][place] / rows[place][place]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[place], strict=True)]
    return [row[-1] / row[place] for place, row in enumerate(rows)]


if __name__ == "__main__":
    main()
