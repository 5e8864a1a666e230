"""A voter file is imported into a real Directus, once or repeatedly."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from essearch.keys import columns_of
from essearch.settings import PersonsSettings
from local.demo.voters import voters
from local.description import DirectusAccess
from local.loopback import LOOPBACK
from local.state import ROOT
from tools.import_voters.directus import AdminLogin, Collection
from tools.import_voters.importing import Outcome, import_rows
from tools.import_voters.rows import BadRow, read_rows
from tools.search_keys import create_columns

HEADER = (
    "Voter ID",
    "First Name",
    "Middle Name",
    "LastName",
    "DOB",
    "Res Address",
    "City",
    "State",
    "Zip Code",
    "County",
)
ROWS = 10_000
SECONDS = 60


def write(file: Path, rows: list[list[str]], header: tuple[str, ...] = HEADER) -> Path:
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([header, *rows])
    return file


def row(number: int, first_name: str = "Ann") -> list[str]:
    return [str(number), first_name, "", "Lee", "1980-05-01", "1 Alder St", "Alderton", "OR", "97951", "Tamarack"]


@pytest.fixture(scope="module")
def admin(directus: DirectusAccess) -> Iterator[httpx.Client]:
    login = AdminLogin(directus.url, directus.admin_email, directus.admin_password)
    with httpx.Client(base_url=directus.url, auth=login, timeout=60, **LOOPBACK) as client:
        yield client


@pytest.fixture
def collection(admin: httpx.Client) -> Iterator[Collection]:
    """A collection of the test's own."""
    collection = Collection(admin, "imported_voters")
    yield collection
    admin.delete("/collections/imported_voters")


def run(file: Path, voters: Collection) -> Outcome:
    voters.prepare(
        ["voterId", "firstName", "middleName", "lastName", "birthYear", "address", "city", "state", "zip", "county"]
    )
    return import_rows(read_rows(file, "utf-8-sig", {}), voters, lambda _: None)


def read_items(voters: Collection, **query: object) -> list[dict[str, object]]:
    body = {"query": {"fields": ["*"], "sort": ["voterId"], "limit": -1} | query}
    found = voters.client.request("SEARCH", f"/items/{voters.name}", json=body)
    return found.raise_for_status().json()["data"]  # type: ignore[no-any-return]  # JSON


def test_done_again_it_changes_what_has_changed_and_nothing_else(collection: Collection, tmp_path: Path) -> None:
    file = write(tmp_path / "voters.csv", [row(1), row(2), row(3)])
    assert run(file, collection).new == 3
    again = run(file, collection)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    changed = run(write(file, [row(1), row(2, "Anna"), row(4)]), collection)
    assert (changed.new, changed.changed, changed.unchanged) == (1, 1, 1)
    assert [(item["voterId"], item["firstName"], item["birthYear"]) for item in read_items(collection)] == [
        ("1", "Ann", 1980),
        ("2", "Anna", 1980),
        ("3", "Ann", 1980),
        ("4", "Ann", 1980),
    ]


def test_bad_rows_are_told_with_their_line_and_the_others_are_imported(collection: Collection, tmp_path: Path) -> None:
    wrong_date, no_id, short, twice, long = row(2), row(3), row(4)[:-1], row(1), row(5, "x" * 256)
    wrong_date[4], no_id[0] = "1980-99-99", ""
    file = write(tmp_path / "voters.csv", [row(1), wrong_date, no_id, short, twice, long, row(6)])
    outcome = run(file, collection)
    assert outcome.bad == [
        BadRow(3, "birthYear is not a date"),
        BadRow(4, "voterId is missing"),
        BadRow(5, "has 9 values, and the header has 10 columns"),
        BadRow(6, "voterId is that of line 2 again"),
        BadRow(7, "firstName is longer than 255 characters"),
    ]
    assert [item["voterId"] for item in read_items(collection)] == ["1", "6"]


def test_what_directus_refuses_is_found_among_the_others(
    collection: Collection, admin: httpx.Client, tmp_path: Path
) -> None:
    run(write(tmp_path / "voters.csv", [row(1)]), collection)
    rule = {"meta": {"validation": {"firstName": {"_neq": "Refused"}}}}
    admin.patch("/fields/imported_voters/firstName", json=rule).raise_for_status()
    outcome = run(write(tmp_path / "voters.csv", [row(2), row(3, "Refused"), row(4)]), collection)
    assert (outcome.new, [bad.line for bad in outcome.bad]) == (2, [3])
    assert "Refused" not in outcome.bad[0].problem


def test_the_indexes_that_searches_need_are_made(collection: Collection, admin: httpx.Client) -> None:
    fields = [{"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}]
    fields += [{"field": name, "type": "string", "schema": {}} for name in ("voterId", "lastName", "state")]
    admin.post("/collections", json={"collection": collection.name, "schema": {}, "fields": fields}).raise_for_status()
    made = collection.prepare(["voterId", "lastName", "state", "zip"])
    assert made == ["an index of voterId", "an index of lastName", "zip"]
    schemas = {field["field"]: field["schema"] for field in admin.get(f"/fields/{collection.name}").json()["data"]}
    assert schemas["voterId"]["is_unique"]
    assert schemas["lastName"]["is_indexed"]
    assert schemas["zip"]["is_indexed"]
    assert collection.prepare(["voterId", "lastName", "state", "zip"]) == []


def test_other_names_of_fields_are_those_of_the_setting(admin: httpx.Client, tmp_path: Path) -> None:
    voters = Collection(admin, "imported_people", {"voterId": "reg_no", "firstName": "given"})
    try:
        run(write(tmp_path / "voters.csv", [row(1)]), voters)
        assert run(write(tmp_path / "voters.csv", [row(1, "Anna")]), voters).changed == 1
        assert [(item["reg_no"], item["given"]) for item in read_items(voters, sort=[])] == [("1", "Anna")]
    finally:
        admin.delete("/collections/imported_people")


def test_the_columns_of_close_searches_are_filled_where_the_collection_has_them(
    collection: Collection, directus: DirectusAccess, tmp_path: Path
) -> None:
    run(write(tmp_path / "voters.csv", [row(1), row(2)]), collection)
    settings = PersonsSettings(persons_collection=collection.name)
    create_columns(directus.url, token(directus), settings)
    voters = Collection(collection.client, collection.name, {}, settings.fields.derived)
    assert run(write(tmp_path / "voters.csv", [row(2), row(3, "Zoë")]), voters).new == 1
    # Of a file that leaves columns out, the others' keys are made of what is stored.
    with (tmp_path / "names.csv").open("w") as file:
        file.write("Voter ID,First Name\n3,Chloë\n")
    assert import_rows(read_rows(tmp_path / "names.csv", "utf-8-sig", {}), voters, lambda _: None).changed == 1

    items = read_items(voters)
    assert [item["keyNames"] for item in items] == [None, "lee ann", "lee chl"]
    for item in items[1:]:
        assert item.items() >= columns_of(item).items()


def token(directus: DirectusAccess) -> str:
    login = {"email": directus.admin_email, "password": directus.admin_password}
    answer = httpx.post(f"{directus.url}/auth/login", json=login, timeout=60, **LOOPBACK)
    return str(answer.raise_for_status().json()["data"]["access_token"])


def electorate() -> list[list[str]]:
    return [
        [str(each) for each in (v.voter_id, v.first_name, v.middle_name or "", v.last_name, v.birth_year)]
        + [v.address, v.city, v.state, v.zip, v.county]
        for v in voters(ROWS)
    ]


def test_ten_thousand_rows_take_a_minute_at_most_twice_in_a_row(
    directus: DirectusAccess, collection: Collection, tmp_path: Path
) -> None:
    file = write(tmp_path / "voters.csv", electorate())
    environment = os.environ | {
        "PYTHONPATH": "functions:layers/shared",
        "DIRECTUS_URL": directus.url,
        "DIRECTUS_EMAIL": directus.admin_email,
        "DIRECTUS_PASSWORD": directus.admin_password,
        "PERSONS_COLLECTION": collection.name,
    }
    for expected in (
        "10,000 new, 0 changed, 0 unchanged, 0 left out",
        "0 new, 0 changed, 10,000 unchanged, 0 left out",
    ):
        began = time.monotonic()
        command = [sys.executable, "-m", "tools.import_voters", str(file)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        assert time.monotonic() - began < SECONDS
        assert done.stdout.splitlines()[-1] == expected
    count = collection.client.get(f"/items/{collection.name}", params={"aggregate[count]": "*"}).json()
    assert int(count["data"][0]["count"]) == ROWS
