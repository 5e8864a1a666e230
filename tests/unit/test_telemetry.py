"""The line of an answered request, which is written without the logger."""

import json

import pytest

from petition.telemetry import audit, logger
from tests.integration.lambda_process import capture_log

FIELDS = {"user_id": "somebody", "hits": 3}


def lines() -> tuple[dict[str, object], dict[str, object]]:
    with capture_log() as stream:
        logger.append_keys(request_id="1", route="/api/x")
        logger.info("answered", extra=FIELDS)
        audit(FIELDS)
    by_logger, by_audit = map(json.loads, stream.getvalue().splitlines())
    return by_logger, by_audit


def test_it_holds_what_the_loggers_own_would(monkeypatch: pytest.MonkeyPatch) -> None:
    varying = {"location", "timestamp"}
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    by_logger, by_audit = lines()
    assert by_audit.keys() == by_logger.keys()
    assert {name: by_audit[name] for name in by_audit if name not in varying} == {
        name: by_logger[name] for name in by_logger if name not in varying
    }
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    by_logger, by_audit = lines()
    assert by_audit.keys() == by_logger.keys()


def test_it_is_left_out_where_the_level_is_higher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger._logger, "level", 30)
    with capture_log() as stream:
        audit(FIELDS)
    assert not stream.getvalue()


def test_a_request_does_not_fail_for_it() -> None:
    with capture_log() as stream:
        stream.close()
        audit(FIELDS)
