"""`python -m tools.nicknames`: write functions/essearch/nicknames.txt, the nicknames that a close search tries.

Most are from the package `nicknames` (Apache-2.0), which knows English ones; the Spanish ones are added here. A search
tries only the first few, so the names that are most frequent in the United States come first, by the census lists of
the package `names` (MIT).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from nicknames import name_triplets

from essearch.keys import KEY_LETTERS, letters

TARGET = Path(__file__).parent.parent / "functions" / "essearch" / "nicknames.txt"
HEADER = """\
# Written by tools/nicknames.py. A name, then the names that the same person may go by, the most frequent first.
# Made from `nicknames`, (c) Carlton Northern and contributors, Apache-2.0: https://pypi.org/project/nicknames/
"""
SPANISH = """
alberto: beto albert al
alejandra: alex ale alexandra
alejandro: alex alejo
antonio: tony tono anthony
beatriz: bety betty
carlos: charlie charles carlitos
catalina: cathy
concepcion: concha conchita
consuelo: chelo
dolores: lola lolita
eduardo: eddie ed lalo edward
elena: helen nena
enrique: henry rick quique kike
ernesto: neto ernie
esperanza: hope espe
fernando: nando fernie
francisca: paca panchita fran
francisco: frank paco pancho cisco kiko
gabriel: gabe
gabriela: gaby gabi
graciela: grace chela
guadalupe: lupe lupita
guillermo: william bill memo
gustavo: gus tavo
ignacio: nacho
isabel: chabela isa bella
javier: javi
jesus: chuy chucho
jorge: george
jose: joe pepe chepe
juan: john juanito
juana: juanita jane
leticia: lety leti
luis: louis lucho
manuel: manny manolo
margarita: margie maggie rita
maria: mary mari
mercedes: meche
miguel: mike michael
pedro: peter
rafael: rafa ralph
ricardo: rick richard ricky
roberto: robert bob beto
rosario: chayo
santiago: diego tiago
teresa: tere terry
yolanda: yoli
"""


def main() -> None:
    """Write the file."""
    related = relations()
    lines = (f"{name}: {' '.join(related[name])}\n" for name in sorted(related))
    TARGET.write_text(HEADER + "".join(lines))


def relations() -> Mapping[str, list[str]]:
    """Return the names that a person of each name may go by, the most frequent first."""
    related: dict[str, set[str]] = defaultdict(set)
    for one, other in _pairs():
        if one != other and min(len(one), len(other)) > 1:
            related[one].add(other)
            related[other].add(one)
    frequency = _frequencies()
    return {
        name: _with_new_starts_first(sorted(others, key=lambda other: (-frequency.get(other, 0.0), other)))
        for name, others in related.items()
    }


def _pairs() -> Iterator[tuple[str, str]]:
    for triplet in name_triplets():
        yield letters(triplet.name1), letters(triplet.name2)
    for line in SPANISH.strip().splitlines():
        name, others = line.split(":")
        yield from ((name, other) for other in others.split())


def _with_new_starts_first(names: Iterable[str]) -> list[str]:
    """Move names with a known start to the end: `Rob` and `Robby` share a key, so that one finds the other."""
    seen: set[str] = set()
    first: list[str] = []
    later: list[str] = []
    for name in names:
        start = name[:KEY_LETTERS]
        (later if start in seen else first).append(name)
        seen.add(start)
    return first + later


def _frequencies() -> Mapping[str, float]:
    found: dict[str, float] = {}
    for gender in ("female", "male"):
        for line in (files("names") / f"dist.{gender}.first").read_text().splitlines():
            name, percent, *_ = line.split()
            found[name.lower()] = max(float(percent), found.get(name.lower(), 0.0))
    return found


if __name__ == "__main__":
    main()
