from pathlib import Path

import pytest

from tools.import_voters.columns import UnknownColumnsError, map_columns
from tools.import_voters.rows import BadRow, ProblemError, Row, convert, read_rows


def test_columns_are_known_by_their_usual_names() -> None:
    header = ["VOTER_ID", "First Name", "lname", "RES_ADDRESS", "Zip Code", "Notes", "Registration Date"]
    assert map_columns(header, {}) == {
        0: "voterId", 1: "firstName", 2: "lastName", 3: "address", 4: "zip", 6: "registrationDate",
    }  # fmt: skip


def test_a_chosen_column_wins_over_a_guess() -> None:
    header = ["id", "voter id", "Mailing", "address"]
    assert map_columns(header, {"id": "voterId", "Mailing": "address"}) == {0: "voterId", 2: "address"}
    assert map_columns(header, {"address": "-"}) == {1: "voterId"}


@pytest.mark.parametrize(
    ("header", "chosen", "sentence"),
    [
        (["name"], {}, "No column holds voterId"),
        (["voterId", "zip", "Zip Code"], {}, 'Several columns hold "zip"'),
        (["voterId"], {"nr": "voterId"}, 'The file has no column "nr"'),
        (["voterId"], {"voterId": "id"}, 'There is no field "id"'),
    ],
)
def test_columns_that_cannot_be_mapped_are_told(header: list[str], chosen: dict[str, str], sentence: str) -> None:
    with pytest.raises(UnknownColumnsError, match=sentence):
        map_columns(header, chosen)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("birthYear", "1980", 1980),
        ("birthYear", "05/31/1980", 1980),
        ("birthYear", "1980-05-31 00:00:00", 1980),
        ("registrationDate", "5/1/2020", "2020-05-01"),
        ("registrationDate", "20200501", "2020-05-01"),
        ("zip", "01234", "01234"),
        ("middleName", "", None),
    ],
)
def test_values_become_those_of_directus(field: str, text: str, value: object) -> None:
    assert convert(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [("birthYear", "80"), ("birthYear", "12345"), ("registrationDate", "soon"), ("voterId", ""), ("city", "a\x00")],
)
def test_wrong_values_are_refused_without_being_repeated(field: str, text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        convert(field, text)
    assert text == "" or text not in str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_files_differ_in_their_delimiters(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "voters.csv"
    file.write_text(f"voterId{delimiter}lastName\n1{delimiter}Lee\n")
    assert list(read_rows(file, "utf-8-sig", {})) == [Row(2, {"voterId": "1", "lastName": "Lee"})]


def test_lines_are_counted_over_values_that_span_several(tmp_path: Path) -> None:
    file = tmp_path / "voters.csv"
    file.write_text('\ufeffvoterId,address\n1,"1 Alder St"\n\n2,"2\nAlder St"\n,3 Alder St\n')
    assert list(read_rows(file, "utf-8-sig", {})) == [
        Row(2, {"voterId": "1", "address": "1 Alder St"}),
        BadRow(5, "address holds a control character"),
        BadRow(6, "voterId is missing"),
    ]


def test_a_quote_that_is_not_closed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "voters.csv"
    file.write_text('voterId,lastName\n1,"Lee\n2,Foster\n')
    assert [type(row) for row in read_rows(file, "utf-8-sig", {})] == [BadRow]
