"""Write docs/openapi.json anew: python -m tools.openapi."""

from tools.openapi import TARGET, text

TARGET.write_text(text())
