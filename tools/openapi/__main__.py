"""Write docs/openapi.json anew: python -m tools.openapi."""

from tools.openapi import TARGET, text

try:
    TARGET.write_text(text())
except LookupError as error:
    raise SystemExit(str(error)) from None
