import pytest

from duplicate.app import MOST_VOTERS, DuplicateQuery
from duplicate.signer_set import membership_command, read_membership
from petition.errors import InvalidRequest, RedisUnavailable
from petition.http.request import validate
from petition.validation import JsonValue


@pytest.mark.parametrize(("value", "text"), [("aZ09_-", "aZ09_-"), (0, "0"), (12345, "12345"), ("x" * 128, "x" * 128)])
def test_identifiers_are_text_or_whole_numbers(value: JsonValue, text: str) -> None:
    query = validate(DuplicateQuery, {"campaignId": value, "voterId": value})
    assert membership_command(query.campaign, query.voters) == (
        "SMISMEMBER",
        f"campaign:{text.lower()}:signers",
        text,
        "*",
    )


@pytest.mark.parametrize(
    "value", ["", "a:b", "a b", "a\n", "é", "*", "x" * 129, None, True, 1.0, [], {}, 10**50, "a\x00", "٣"]
)
@pytest.mark.parametrize("name", ["campaignId", "voterId"])
def test_what_could_leave_the_key_is_refused(name: str, value: JsonValue) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(DuplicateQuery, {"campaignId": "c", "voterId": "v", name: value})
    assert [detail.field for detail in caught.value.details] == [name]


@pytest.mark.parametrize("given", [{}, {"voterId": "v", "voterIds": ["v"]}])
def test_it_is_one_voter_or_several(given: dict[str, JsonValue]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(DuplicateQuery, {"campaignId": "c", **given})
    assert [detail.message for detail in caught.value.details] == ["Give either voterId or voterIds."]


@pytest.mark.parametrize("voters", [[], ["v"] * (MOST_VOTERS + 1), ["a:b"], [None], "v", {}, ["v", ["v"]]])
def test_several_are_a_list_of_identifiers_up_to_five_hundred(voters: JsonValue) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(DuplicateQuery, {"campaignId": "c", "voterIds": voters})
    assert [detail.field for detail in caught.value.details] == ["voterIds"]


def test_a_whole_set_says_who_is_in_it() -> None:
    assert read_membership([1, 0, 1], ["a", "b"]) == {"a"}


def test_a_set_that_is_not_known_to_be_whole_says_nothing() -> None:
    assert read_membership([1, 0, 0], ["a", "b"]) is None


@pytest.mark.parametrize("reply", ["OK", b"1", 1, 2, None, [], [1], [1, 1, 1], [2, 1], ["1", "1"], [None, 1], [[1], 1]])
def test_a_reply_of_another_shape_is_neither_yes_nor_no(reply: object) -> None:
    with pytest.raises(RedisUnavailable):
        read_membership(reply, ["a"])
