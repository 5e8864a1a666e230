"""Commands for development and operation; no function imports them."""
