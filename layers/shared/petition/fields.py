"""Kinds of text that more than one model takes."""

import re

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def matching(pattern: str, sentence: str) -> AfterValidator:
    """Take only text that matches the whole pattern; `sentence` tells the caller what is expected."""
    expression = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not expression.fullmatch(text):
            raise PydanticCustomError("not_matching", "{sentence}", {"sentence": sentence})
        return text

    return AfterValidator(check)
