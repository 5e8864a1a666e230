"""The derived columns: filled by the command for operators and by the schedule, in the real Directus."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest

from essearch import filling
from essearch.filling import Filler, Progress, select_unfilled
from essearch.keys import columns_of
from essearch.refresh_keys import conditions, refresh_keys
from essearch.settings import PersonsSettings, persons_settings
from local.description import Description, DirectusAccess
from local.services.directus_content import persons_collection
from local.services.search_columns import search_fields
from local.state import ROOT
from petition.clients import directus_login
from petition.clients.directus import Collection
from petition.clients.directus_token import Credentials
from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.deadline import Deadline
from petition.errors import UpstreamTimeout
from tests.integration.search.faults import faulty, hang
from tests.integration.search.searching import Admin
from tests.stack_state import state_of

NAME = "persons_without_columns"
PEOPLE = [
    {"voterId": str(number), "lastName": last, "firstName": "María", "address": f"{number} Main St"}
    for number, last in enumerate(("García-López", "Smith", "O'Brien", "Null"))
]
WRITTEN_FIELDS = len(list(search_fields()))


@pytest.fixture
def settings() -> PersonsSettings:
    return PersonsSettings(persons_collection=NAME)


@pytest.fixture
def items(admin: Admin, directus: DirectusAccess) -> Iterator[Collection]:
    """A collection as an operator has it before: with persons, without the derived columns."""
    plain = persons_collection(NAME)
    derived = {field["field"] for field in search_fields()}
    plain["fields"] = [field for field in plain["fields"] if field["field"] not in derived]  # type: ignore[attr-defined]
    admin.client.post("/collections", json=plain).raise_for_status()
    admin.client.post(f"/items/{NAME}", json=PEOPLE).raise_for_status()
    try:
        yield Collection(NAME, RotatingSetting(lambda: login_of(directus)), Deadline(60))
    finally:
        admin.client.delete(f"/collections/{NAME}").raise_for_status()


def run_command(stack: Description, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, on the stack of the tests."""
    environment = {
        **os.environ,
        "PERSONS_COLLECTION": NAME,
        "PYTHONPATH": f"{ROOT / 'functions'}:{ROOT / 'layers' / 'shared'}",
        "STACK": str(state_of(stack).stack_file),
    }
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tools.search_keys", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def login_of(directus: DirectusAccess) -> Credentials:
    return Credentials(ServiceUrl(directus.url), directus.admin_email, directus.admin_password)


@contextmanager
def keyed_persons(admin: Admin, kind: str) -> Iterator[None]:
    """A collection with a primary key of this kind, in whose order the persons stand, for the length of a block."""
    key = {"field": "id", "type": kind, "schema": {"is_primary_key": True, "max_length": 36}, "meta": {}}
    described = persons_collection(NAME)
    others = [field for field in described["fields"] if field["field"] != "id"]  # type: ignore[attr-defined]
    admin.client.post("/collections", json=described | {"fields": [key, *others]}).raise_for_status()
    ids = [number if kind == "bigInteger" else str(UUID(int=number)) for number in range(1, len(PEOPLE) + 1)]
    try:
        items = [{**person, "id": each} for person, each in zip(PEOPLE, ids, strict=True)]
        admin.client.post(f"/items/{NAME}", json=items).raise_for_status()
        yield
    finally:
        admin.client.delete(f"/collections/{NAME}").raise_for_status()


def columns(items: Collection) -> list[dict[str, object]]:
    return items.read({"sort": ["id"], "limit": 10})


def test_the_command_creates_the_columns_fills_them_and_can_be_repeated(items: Collection, stack: Description) -> None:
    first, check, again = run_command(stack), run_command(stack, "--check"), run_command(stack)
    assert (first.returncode, first.stdout) == (0, "4 persons, 4 of them stale, 4 written\n"), first.stderr
    assert (check.returncode, check.stdout) == (0, "4 persons, 0 of them stale, 0 written\n")
    assert (again.returncode, again.stdout) == (0, "4 persons, 0 of them stale, 0 written\n")
    for item, person in zip(columns(items), PEOPLE, strict=True):
        assert item == item | person | columns_of(person)


def test_a_check_fails_where_a_key_is_stale_and_writes_nothing(
    items: Collection, stack: Description, admin: Admin
) -> None:
    run_command(stack)
    admin.client.patch(f"/items/{NAME}/1", json={"lastName": "Nguyen"}).raise_for_status()
    for _ in range(2):
        check = run_command(stack, "--check")
        assert (check.returncode, check.stdout) == (1, "4 persons, 1 of them stale, 0 written\n")
    assert columns(items)[0]["keyLast"] == "gar"


def test_the_columns_are_hidden_and_have_an_index(items: Collection, stack: Description, admin: Admin) -> None:
    assert columns(items)
    run_command(stack)
    fields = {field["field"]: field for field in admin.client.get(f"/fields/{NAME}").json()["data"]}
    for field in search_fields():
        created = fields[str(field["field"])]
        assert created["meta"]["hidden"]
        assert created["schema"]["is_indexed"]


def test_directus_takes_the_snapshot_as_it_is_and_takes_nothing_away(items: Collection, admin: Admin) -> None:
    snapshot = json.loads((ROOT / "directus" / "search-columns.json").read_text().replace('"persons"', f'"{NAME}"'))
    before = {field["field"] for field in admin.client.get(f"/fields/{NAME}").json()["data"]}
    answer = admin.client.post("/schema/diff", params={"mode": "merge", "force": "true"}, json=snapshot)
    admin.client.post("/schema/apply", json=answer.raise_for_status().json()["data"]).raise_for_status()
    after = {field["field"] for field in admin.client.get(f"/fields/{NAME}").json()["data"]}
    assert after == before | {field["field"] for field in search_fields()}
    assert len(after - before) == WRITTEN_FIELDS
    assert columns(items)[0]["keyNames"] is None


def test_the_schedule_fills_new_persons_and_updates_changed_ones(
    items: Collection, stack: Description, directus: DirectusAccess, settings: PersonsSettings, admin: Admin
) -> None:
    run_command(stack)
    admin.client.post(f"/items/{NAME}", json={"voterId": "9", "lastName": "Pak"}).raise_for_status()
    admin.client.patch(f"/items/{NAME}/1", json={"lastName": "Nguyen"}).raise_for_status()
    login = RotatingSetting(lambda: login_of(directus))
    progress = refresh_keys(login, settings, Deadline(60), datetime.now(UTC))
    assert progress.written == 2
    assert [item["keyLast"] for item in columns(items)] == ["ngu", "smi", "obr", "nul", "pak"]
    assert refresh_keys(login, settings, Deadline(60), datetime.now(UTC)).written == 0


def test_the_schedule_looks_at_the_latest_changes_alone_where_it_knows_them() -> None:
    settings = PersonsSettings(persons_updated_field="date_updated")
    new, changed = conditions(settings, datetime(2026, 1, 2, 3, tzinfo=UTC))
    assert new == {"keyNames": {"_null": True}}
    assert changed == {"date_updated": {"_gte": "2025-12-31T02:00:00+00:00"}}
    assert conditions(persons_settings(), datetime.now(UTC))[1] is None


@pytest.mark.parametrize("has_time", [True, False])
def test_a_silent_directus_fails_a_run_that_had_time(monkeypatch: pytest.MonkeyPatch, *, has_time: bool) -> None:
    monkeypatch.setattr(directus_login, "LOGIN_SECONDS", 0.2)
    with faulty(hang) as directus, pytest.raises(UpstreamTimeout) if has_time else nullcontext():
        login = RotatingSetting(partial(Credentials, ServiceUrl(directus.url), "keys@example.org", "made-up"))
        refresh_keys(login, PersonsSettings(), Deadline(60 if has_time else 0.2), datetime.now(UTC))


def test_what_there_was_no_time_for_is_left_to_the_next_run() -> None:
    class Slow:
        """Directus, whose second answer comes too late."""

        reads = 0

        def read(self, query: dict[str, object]) -> list[dict[str, object]]:
            Slow.reads += 1
            if Slow.reads > 1:
                raise UpstreamTimeout
            assert query["sort"] == ["id"]
            return [{"id": 1, "lastName": "Lee"}]

        def update(self, items: list[object]) -> None:
            assert len(items) == 1

    progress = Progress()
    with pytest.raises(UpstreamTimeout):
        Filler(Slow(), persons_settings().fields, "id").fill(None, progress)  # type: ignore[arg-type]
    assert (progress.read, progress.written) == (1, 1)


@pytest.mark.parametrize("key", ["uuid", "string", "bigInteger"])
@pytest.mark.parametrize("is_new", [True, False], ids=["never filled", "all"])
def test_persons_with_any_kind_of_key_are_filled_page_by_page(
    admin: Admin, directus: DirectusAccess, monkeypatch: pytest.MonkeyPatch, key: str, *, is_new: bool
) -> None:
    monkeypatch.setattr(filling, "READ_AT_ONCE", 2)
    fields = persons_settings().fields
    with keyed_persons(admin, key):
        items = Collection(NAME, RotatingSetting(lambda: login_of(directus)), Deadline(60))
        progress = Progress()
        Filler(items, fields, "id").fill(select_unfilled(fields) if is_new else None, progress)
        for item, person in zip(columns(items), PEOPLE, strict=True):
            assert item == item | person | columns_of(person)
    assert (progress.read, progress.written) == (len(PEOPLE), len(PEOPLE))
