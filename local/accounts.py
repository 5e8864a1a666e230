"""Who may sign in somewhere."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """An e-mail address and its password."""

    email: str
    password: str = field(repr=False)
