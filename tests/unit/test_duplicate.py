import pytest

from duplicate.app import DuplicateQuery
from petition.errors import InvalidRequest
from petition.http.body import validate
from petition.validation import JsonValue


@pytest.mark.parametrize(("value", "text"), [("aZ09_-", "aZ09_-"), (0, "0"), (12345, "12345"), ("x" * 128, "x" * 128)])
def test_identifiers_are_text_or_whole_numbers(value: JsonValue, text: str) -> None:
    query = validate(DuplicateQuery, {"campaignId": value, "voterId": value})
    assert query.membership == ("SISMEMBER", f"campaign:{text}:signers", text)


@pytest.mark.parametrize(
    "value", ["", "a:b", "a b", "a\n", "é", "*", "x" * 129, None, True, 1.0, [], {}, 10**50, "a\x00", "٣"]
)
@pytest.mark.parametrize("name", ["campaignId", "voterId"])
def test_what_could_leave_the_key_is_refused(name: str, value: JsonValue) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(DuplicateQuery, {"campaignId": "c", "voterId": "v", name: value})
    assert [detail.field for detail in caught.value.details] == [name]
