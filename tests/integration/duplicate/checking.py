"""What tests of the duplicate check do."""

from duplicate import app
from petition.clients.redis import RETRY_AFTER_SECONDS
from tests.integration.lambda_process import SECONDS, Answer, post

CAMPAIGN = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
OTHER = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a2"
SIGNED = "12345678"


def check(voter: object = SIGNED, campaign: object = CAMPAIGN) -> Answer:
    """Has this voter signed?"""
    return post(app.handler, {"campaignId": campaign, "voterId": voter})


def reports_outage(answer: Answer) -> bool:
    """Check whether the answer says, long before its deadline, that Redis is unavailable and when to retry."""
    reply = (answer.status, answer.code, answer.headers.get("Retry-After"))
    return reply == (503, "redis_unavailable", str(RETRY_AFTER_SECONDS)) and answer.seconds < SECONDS / 2
