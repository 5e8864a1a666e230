"""Score how likely it is that a person is meant: a weight for the level of each field, and their sum.

The weights are log-odds, fitted by tools/fit_weights.py; see docs/search.md.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from math import exp
from pathlib import Path

import msgspec

from essearch.comparison import Criteria, Vector, compare

FILE = Path(__file__).with_name("weights.json")
MAX_EXPONENT = 500.0

type Weights = Mapping[str, Mapping[str, float]]


def score(criteria: Criteria, person: Mapping[str, object]) -> float:
    """Return how likely it is that a person is meant, from 0 to 1. Names count in the order that agrees better."""
    return max(probability(vector, _weights()) for vector in compare(criteria, person))


def probability(vector: Vector, weights: Weights) -> float:
    """The logistic of the sum of the weights."""
    log_odds = weights["intercept"][""] + sum(weights_of(vector, weights))
    return 1 / (1 + exp(-max(-MAX_EXPONENT, min(MAX_EXPONENT, log_odds))))


def weights_of(vector: Vector, weights: Weights) -> Iterable[float]:
    """The weight of each field's level; 0 for a level that was never seen in fitting."""
    return (weights.get(field, {}).get(level, 0.0) for field, level in zip(Vector._fields, vector, strict=True))


@cache
def _weights() -> Weights:
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, dict[str, float]])
