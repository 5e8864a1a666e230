"""An account that may sign in to a service."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """An e-mail address and its password."""

    email: str
    password: str = field(repr=False)
