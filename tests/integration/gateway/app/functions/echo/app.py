"""Answer with the event and the environment, after the pause that the event asks for."""

import json
import os
import time
from typing import Any

from shared_words import WORD  # type: ignore[import-not-found]  # as in a layer: on the path at run time only


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - the runtime publishes no type
    print(f"request {event.get('rawPath', '')}")  # noqa: T201 - what a function prints is a test's subject
    time.sleep(float(event.get("queryStringParameters", {}).get("wait", 0)))
    seen = {
        "event": event,
        "pid": os.getpid(),
        "word": WORD,
        "environment": dict(os.environ),
        "context": {
            "id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "name": context.function_name,
            "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis(),
        },
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(seen)}
