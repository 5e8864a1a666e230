"""What a search finds in the real data, compared with what Python finds in it."""

import json
from collections.abc import Iterator

import pytest

from essearch.persons import SORT
from essearch.settings import PERSON_FIELDS
from local.description import DirectusAccess
from local.services.directus_content import PERSONS
from tests.integration.search.conftest import Fresh
from tests.integration.search.electorate import expected_ids, find_ids, voters_on_the_list
from tests.integration.search.searching import Admin, Person, choose, look_up, search

pytestmark = pytest.mark.usefixtures("_one_process")

VOTER = next(voter for voter in voters_on_the_list() if voter["middleName"] and "'" in voter["lastName"])
CRITERIA = [
    *({name: VOTER[name], "address": VOTER["address"][:1]} for name in PERSON_FIELDS if name != "address"),
    *({"lastName": name} for name in ("O'Brien", "o'b", "SMITH-JONES", "de la", "st. ", "van der berg", "x")),
    *({"lastName": name} for name in ("muñoz", "MUÑOZ", "Mun", "żukowski", "ŻUK", "álv", "ÁLVAREZ", "ibáñez", "IBÁÑ")),
    *({"firstName": name} for name in ("d'", "ana-sofía", "JEAN-paul", "óscar", "ZOË", "chloé", "sinéad")),
    *({"address": VOTER["address"][:length].upper()} for length in (3, 8)),
    *({"firstName": name} for name in ("jesus", "BJORN", "Zoe", "ana-sofia", "d\N{RIGHT SINGLE QUOTATION MARK}andre")),
    *({"lastName": name} for name in ("munoz", "zukowski", "o\N{MODIFIER LETTER APOSTROPHE}brien", "Garcia-Lopez")),
    {"city": "port ellery", "state": "or", "county": "TAMARACK", "lastName": "lee"},
    {"city": str(VOTER["city"]).upper()},
    {"zip": VOTER["zip"][:3]},
    {"state": "or"},
    {"lastName": "M", "firstName": "A", "county": VOTER["county"]},
    {"lastName": "M", "birthYear": 1970},
    *({"query": words} for words in ("muñoz", "ÁLVAREZ óscar", "lee 9730", "o'b james", "nobody-at-all", "s t e v")),
    {"query": f"{VOTER['voterId']} {VOTER['lastName']}"},
    {"query": "mar", "city": VOTER["city"]},
    {"query": " ".join("abcdehimno" * 9)},
]


@pytest.mark.parametrize("criteria", CRITERIA, ids=json.dumps)
def test_a_search_finds_whoever_meets_all_criteria_and_nobody_else(criteria: Person) -> None:
    ids = find_ids(criteria)
    assert len(ids) == len(set(ids))
    assert set(ids) == expected_ids(criteria)


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_hold_everybody_once_in_the_order_of_names(limit: int) -> None:
    ids = find_ids({"lastName": "Mo", "firstName": "A"}, limit)
    names = {voter["voterId"]: [voter[name] for name in SORT] for voter in voters_on_the_list()}
    assert ids == sorted(ids, key=names.__getitem__)


def test_a_page_beyond_the_end_is_empty_and_knows_the_total() -> None:
    total = len(expected_ids({"lastName": "Lee"}))
    assert search(lastName="Lee", page=100_000).body == {"persons": [], "hitsCount": 0, "totalHits": total}
    assert search(lastName="Nobody").body == {"persons": [], "hitsCount": 0, "totalHits": 0}


def test_a_person_has_the_listed_fields_and_no_other() -> None:
    [person] = search(voterId=VOTER["voterId"]).body["persons"]
    assert person == {name: VOTER[name] for name in PERSON_FIELDS}


def test_limit_page_and_birth_year_may_be_text() -> None:
    assert search(lastName="M", limit="3", page="2").body == search(lastName="M", limit=3, page=2).body
    assert search(lastName="M", birthYear="1970").body == search(lastName="M", birthYear=1970).body


def test_criteria_may_stand_in_the_url_and_the_body_wins() -> None:
    assert search("lastName=Mu%C3%B1oz&limit=2").body == search(lastName="Muñoz", limit=2).body
    assert (
        search("lastName=Lee&city=Nowhere", lastName="Park", city=VOTER["city"]).body
        == search(lastName="Park", city=VOTER["city"]).body
    )


def test_common_credentials_by_any_name_find_the_same() -> None:
    assert choose({"name": "x"}).body == search(lastName="Żukowski").body


# Values that Directus, SQL or JSON could interpret.
ODD = (
    *("100%", "100% Real", "1000 Real", "a_b", "axb", "a\\b", "a\\\\b", "[ab]c", "ac", "*", "?"),
    *("$NOW", "$now", "$NOW(-1 year)", "$CURRENT_USER", "$FOLLOW(x)", "{{x}}", "null", "NULL", "Null", "Nullmann"),
    *(
        "true",
        "True",
        "false",
        "undefined",
        "007",
        "1e3",
        "-1",
        "2020-01-01",
        "a,b",
        '"quoted"',
        "x' OR '1'='1",
        "; --",
    ),
    *(
        "O\N{RIGHT SINGLE QUOTATION MARK}Brien",
        "Éloïse",
        "ÉLOÏSE",
        "Straße",
        "STRASSE",
        "İnci",
        "李",
        "😀",
        "a  b",
        "x' OR '1'='1",
        "; --",
    ),
)
ODD_PERSONS = [
    dict.fromkeys(PERSON_FIELDS) | {"voterId": f"odd-{number}", "lastName": name, "city": name}
    for number, name in enumerate(ODD)
]


@pytest.fixture(scope="module")
def _odd(admin: Admin) -> Iterator[None]:
    with admin.persons(*ODD_PERSONS):
        yield


@pytest.mark.usefixtures("_odd")
@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", ["lastName", "city", "query"])
def test_a_value_is_nothing_but_its_letters(name: str, value: str) -> None:
    assert set(find_ids({name: value})) == expected_ids({name: value}, ODD_PERSONS)


@pytest.mark.usefixtures("_odd")
@pytest.mark.parametrize("value", ["O\N{RIGHT SINGLE QUOTATION MARK}Brien", "éloïse", "NULL", "100%", "ODD"])
@pytest.mark.parametrize("name", ["lastName", "city", "query"])
def test_whoever_was_put_on_the_list_since_its_columns_were_filled_is_found(
    admin: Admin, name: str, value: str
) -> None:
    person = dict.fromkeys(PERSON_FIELDS) | {"voterId": "odd", "lastName": value.title(), "city": value.title()}
    with admin.persons(person, is_filled=False):
        assert set(find_ids({name: value})) == expected_ids({name: value}, [*ODD_PERSONS, person])
        close = look_up({name: value, "voterId": "odd", "match": "close"})
        assert [each["voterId"] for each in close.body["persons"]] == ["odd"]


@pytest.mark.parametrize("value", ["%", "_", "\\", "%%%%", "a%", "_ _", "$", "[x", "Lee %"])
@pytest.mark.parametrize("name", ["lastName", "address", "city", "query"])
def test_a_value_with_less_than_two_letters_of_its_own_beside_a_wildcard_is_refused(name: str, value: str) -> None:
    if name != "query" and value == "Lee %":
        return  # it has three
    answer = look_up({name: value})
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert [detail["field"] for detail in answer.body["details"]] == [name]


def test_more_than_ten_different_words_are_refused_and_the_same_one_counts_once() -> None:
    assert look_up({"query": " ".join("abcdefghijk")}).status == 422
    assert look_up({"query": "lee " * 40}).status == 200


def test_a_field_of_the_collections_own_may_be_a_list(admin: Admin, fresh: Fresh, directus: DirectusAccess) -> None:
    own = {"field": "tags", "type": "json", "meta": {"special": ["cast-json"]}, "schema": {}}
    admin.client.post(f"/fields/{PERSONS}", json=own).raise_for_status()
    environment = {
        "PERSONS_FIELDS": json.dumps({**{name: name for name in PERSON_FIELDS}, "tags": "tags"}),
        "DIRECTUS_API_EMAIL_SEARCH": directus.admin_email,
        "DIRECTUS_API_PASSWORD_SEARCH": directus.admin_password,
    }
    person = {"voterId": "1-tagged", "firstName": "Wilhelmina", "lastName": "Zweig", "tags": ["absentee"]}
    try:
        with admin.persons(person), fresh(**environment):
            answers = [search(firstName="Wilhelmina", lastName=last, match="close") for last in ("Zweig", "Zweik")]
    finally:
        admin.client.delete(f"/fields/{PERSONS}/tags").raise_for_status()
    assert [answer.body["persons"][0]["tags"] for answer in answers] == [["absentee"]] * 2


def test_another_collection_answers_under_the_names_of_the_settings(fresh: Fresh, directus: DirectusAccess) -> None:
    names = {"voterId": "voterId", "city": "party", "telephone": "phone"}
    environment = {
        "PERSONS_COLLECTION": "person_contacts",
        "PERSONS_FIELDS": json.dumps(names),
        "DIRECTUS_API_EMAIL_SEARCH": directus.admin_email,
        "DIRECTUS_API_PASSWORD_SEARCH": directus.admin_password,
    }
    with fresh(**environment):
        answer, refused = search(city=VOTER["party"], limit=1), search(firstName="Ann")
    assert answer.body["persons"][0].keys() == names.keys()
    assert answer.body["totalHits"] == sum(voter["party"] == VOTER["party"] for voter in voters_on_the_list())
    assert refused.body["details"] == [{"field": "firstName", "message": "Cannot be searched for here"}]
