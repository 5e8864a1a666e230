"""Fill the sets of signers in the local stack's Redis as a deployment does."""

import json

from local.gateway import Gateway, GatewayError

FUNCTION = "SignersRebuildFunction"


async def build_set(gateway: Gateway, campaign: str) -> None:
    """Have the stack's own function build a campaign's set.

    Raises:
        GatewayError: it failed.
    """
    record = {"messageId": "0", "body": json.dumps({"campaign_id": campaign})}
    if await gateway.invoke(FUNCTION, {"Records": [record]}) != {"batchItemFailures": []}:
        raise GatewayError("The set of signers could not be built: see the log of SignersRebuildFunction.")
