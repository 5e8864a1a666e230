"""A setting whose secret can be rotated while the process is warm."""

from collections.abc import Callable

from petition.config import secrets
from petition.config.settings import SettingsError


class RotatingSetting[Value]:
    """A value made from settings, and made again after an upstream refused the secret in it.

    Attributes:
        value: the current one.
    """

    def __init__(self, load: Callable[[], Value]) -> None:
        """Take a function that reads the value, and call it.

        Raises:
            SettingsError: it is missing or malformed.
        """
        self._load = load
        self.value = load()

    def renew(self) -> bool:
        """Read the value again, with the secrets as they are now. One that cannot be read now stays as it is.

        Returns:
            Whether it changed. A plain value never does.
        """
        try:
            current = self._load()
            if current == self.value and secrets.refresh():
                current = self._load()
        except SettingsError:
            return False
        is_rotated = current != self.value
        self.value = current
        return is_rotated
