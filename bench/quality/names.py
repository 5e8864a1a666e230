"""Names by their frequency in the census of 1990, spelt as people spell them."""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from essearch.keys import letters

type Kind = Literal["all.last", "female.first", "male.first"]

# The census has letters of ASCII alone: half of those who bear one of these write it with its accent.
ACCENT = 0.5
# The rarest names have a frequency of 0.000 there.
LEAST_PERCENT = 0.0005


def _words(text: str) -> list[str]:
    return text.split()


ACCENTED = _words(
    "García Martínez Rodríguez López Hernández González Pérez Sánchez Ramírez Gómez Díaz Álvarez Jiménez Fernández "
    "Gutiérrez Núñez Muñoz Peña Vázquez Chávez Méndez Domínguez Ibáñez Castañeda Ordóñez José Jesús María Ramón Andrés "
    "René Raúl Óscar Ángel Mónica Verónica Sofía Lucía Björn Müller Zoë Chloé Renée Inés Tomás Nicolás Martín Joaquín"
)
PREFIXES = {
    "O'": _words("Brien Connor Neil Neill Connell Donnell Reilly Hara Keefe Leary Neal"),
    "D'": _words("Angelo Amico Agostino Ambrosio"),
    "De la ": _words("Cruz Rosa Torre Garza Fuente"),
    "De ": _words("Leon Jesus Anda Luna"),
    "St ": _words("John Clair Pierre"),
    "Van ": _words("Dyke Horn Buren"),
    "Mc": _words("Donald Carthy Coy Daniel Gee Kinney Cormick Intosh Laughlin Bride Clain Guire Lean Mahon Millan"),
}
SPELT = {letters(f"{prefix}{name}"): f"{prefix}{name}" for prefix, names in PREFIXES.items() for name in names}


def surname(chance: random.Random) -> str:
    """A last name."""
    return _draw(chance, "all.last")


def given_name(chance: random.Random) -> str:
    """A first name."""
    kinds: tuple[Kind, ...] = ("female.first", "male.first")
    return _draw(chance, chance.choice(kinds))


def _draw(chance: random.Random, kind: Kind) -> str:
    names, sums = _frequencies(kind)
    name = names[min(bisect(sums, chance.random() * sums[-1]), len(names) - 1)].lower()
    if name in _accents() and chance.random() < ACCENT:
        return _accents()[name]
    return SPELT.get(name, name.capitalize())


@cache
def _frequencies(kind: Kind) -> tuple[Sequence[str], Sequence[float]]:
    """Names, and the running sums of their frequencies."""
    lines = [line.split() for line in (files("names") / f"dist.{kind}").read_text().splitlines()]
    sums: list[float] = []
    total = 0.0
    for line in lines:
        total += max(float(line[1]), LEAST_PERCENT)
        sums.append(total)
    return [line[0] for line in lines], sums


@cache
def _accents() -> Mapping[str, str]:
    return {letters(name): name for name in ACCENTED}
