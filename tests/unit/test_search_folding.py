import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from essearch.folding import APOSTROPHES, DASHES, fold

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "M", "P", "S", "Zs", "Nd")), max_size=12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Jesús", "jesus"),
        ("BJÖRN", "bjorn"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("Þórr Ørsted", "thorr orsted"),
        ("Nguyễn", "nguyen"),
        ("D\u2019Andre", "d'andre"),
        ("  De  la\u00a0Cruz ", "de la cruz"),
        ("García\u2013López", "garcia-lopez"),
        ("e\u0301", "e"),
        ("李", "李"),
    ],
)
def test_case_accents_apostrophes_and_spaces_go(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_every_apostrophe_is_the_keyboards(apostrophe: str) -> None:
    assert fold(f"O{apostrophe}Brien") == "o'brien"


@pytest.mark.parametrize("dash", DASHES)
def test_every_dash_is_the_keyboards(dash: str) -> None:
    assert fold(f"Smith{dash}Jones") == "smith-jones"


@example("\N{DOUBLE PRIME}")
@given(NAMES)
def test_a_folded_text_folds_to_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(NAMES)
def test_case_makes_no_difference_to_ascii(text: str) -> None:
    ascii_text = text.encode("ascii", "ignore").decode()
    assert fold(ascii_text.upper()) == fold(ascii_text.lower())
