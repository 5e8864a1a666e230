"""What a million calls cost, from what was measured and the published prices."""

import pytest

from bench.lambda_cost import Measured, cost, snapshot_cost

CALL = Measured(cold=300, warm=0.5, wait=2)


def test_a_whole_processor_takes_what_was_measured() -> None:
    each = cost(CALL, 1769)
    assert (each.cold_ms, each.warm_ms) == (302, 2.5)


def test_half_a_processor_takes_twice_as_long_but_waits_no_longer() -> None:
    each = cost(CALL, 1769 // 2)
    assert each.cold_ms == pytest.approx(602, abs=0.5)
    assert each.warm_ms == pytest.approx(3, abs=0.01)


def test_more_than_one_processor_is_no_help() -> None:
    assert cost(CALL, 4096).warm_ms == cost(CALL, 1769).warm_ms


def test_a_call_is_billed_a_millisecond_at_least() -> None:
    # 990,000 calls of 1 ms at 1 GB, 10,000 starts that take no time, and the requests
    assert cost(Measured(0, 0, 0), 1024).million == pytest.approx(990 * 0.0000133334 + 0.20)


def test_a_snapshot_is_paid_for_as_long_as_it_is_kept_and_each_time_it_is_restored() -> None:
    assert snapshot_cost(512, 0) == pytest.approx(1.95, abs=0.01)
    assert snapshot_cost(512, 10_000) == pytest.approx(1.95 + 0.70, abs=0.01)
