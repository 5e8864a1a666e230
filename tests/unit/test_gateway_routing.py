import pytest

from local.gateway.routing import find
from local.gateway.template import Route

PETS = Route("GET", "/pets/dog/1", "A")
PET = Route("GET", "/pets/dog/{id}", "B")
REST = Route("GET", "/pets/{proxy+}", "C")
ANY = Route("ANY", "/pets/dog/{id}", "D")
DEFAULT = Route("ANY", "$default", "E")
ROUTES = [DEFAULT, REST, ANY, PET, PETS]


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/pets/dog/1", PETS, {}),
        ("GET", "/pets/dog/2", PET, {"id": "2"}),
        ("GET", "/pets/cat/1", REST, {"proxy": "cat/1"}),
        ("POST", "/pets/dog/2", ANY, {"id": "2"}),
        ("GET", "/pets/", DEFAULT, {}),
        ("POST", "/test", DEFAULT, {}),
        ("GET", "/pets/dog/2/", REST, {"proxy": "dog/2/"}),
        ("GET", "/Pets/dog/1", DEFAULT, {}),
    ],
)
def test_the_most_specific_route_answers(method: str, path: str, route: Route, parameters: dict[str, str]) -> None:
    match = find(ROUTES, method, path)

    assert match is not None
    assert (match.route, match.parameters) == (route, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/items/"),
        ("GET", "/items"),
        ("GET", "/items/1/"),
        ("GET", "/items/a/b"),
        ("HEAD", "/items/1"),
        ("POST", "/items/1"),
        ("GET", ""),
        ("GET", "/"),
        ("GET", "//items/1"),
    ],
)
def test_nothing_else_matches(method: str, path: str) -> None:
    assert find([Route("GET", "/items/{id}", "A")], method, path) is None


def test_the_root_is_a_path_like_another() -> None:
    root = Route("GET", "/", "A")

    assert find([root], "GET", "/") is not None
    assert find([root], "GET", "/x") is None
