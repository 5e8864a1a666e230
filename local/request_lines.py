"""One line for each request: time, status, route, duration, user, id, and why it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from local.gateway.exchange import Exchange
from local.refusals import Refusals

ID_LENGTH = 8
NOBODY = "-"


@dataclass(frozen=True)
class RequestLines:
    """Writes lines. `users` are the names of the demo users by their ids."""

    refusals: Refusals
    users: Mapping[str, str]

    def line(self, exchange: Exchange) -> str | None:
        """Return the line of one request.

        Returns:
            None for a preflight that is granted.
        """
        why = self.refusals.explain(exchange)
        if exchange.request.method == "OPTIONS" and not why:
            return None
        time = datetime.now().astimezone().strftime("%H:%M:%S")
        route, took = exchange.route or exchange.request.method, f"{exchange.seconds * 1000:.0f} ms"
        line = f"{time}  {exchange.status}  {route:<33} {took:>8}  {self._who(exchange):<9}  {exchange.request.id}"
        return f"{line}  {exchange.status}: {why}" if why else line

    def _who(self, exchange: Exchange) -> str:
        user = self.refusals.user(exchange)
        return self.users.get(user, user[:ID_LENGTH]) if user else NOBODY
