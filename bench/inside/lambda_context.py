"""What Lambda gives a handler beside the event, for processes that are measured without its runtime."""


class Context:
    """The Lambda context, as far as the handlers and Mangum ask it."""

    aws_request_id = "11111111-2222-4333-8444-555555555555"
    function_name = "bench"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    memory_limit_in_mb = 512

    def get_remaining_time_in_millis(self) -> int:
        """Plenty."""
        return 20_000
