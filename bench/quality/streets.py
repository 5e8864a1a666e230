"""Names of streets: the most frequent names, numbers, and names of people."""


def _words(text: str) -> list[str]:
    return text.split()


COMMON = _words(
    "Main Park Oak Pine Maple Cedar Elm Washington Lake Hill Walnut Spring North Ridge Church Willow Mill Sunset "
    "Railroad Jefferson Center Highland Forest River Jackson Meadow Chestnut College Broad Lincoln Madison Franklin "
    "Cherry Prospect Dogwood Hickory Valley Birch Poplar Spruce Locust Country Magnolia Sycamore Laurel Vine Adams "
    "Green Monroe School Liberty Pleasant Union Water Front Market Court Canyon Meadowbrook Bridge Orchard Grove "
    "Holly Juniper Eagle Deer Fox Quail Harbor Bay Ocean Mountain Sunrise Rose Aspen Cypress Cottonwood Windsor "
    "Cambridge Oxford Lakeview Fairview Hillcrest Riverside Woodland Timber Shady Rolling Crystal Golden Silver"
)
LONG = (
    *("Martin Luther King", "Old Mill", "Cherry Hill", "Saint Charles", "St Johns", "Mount Vernon", "Rock Creek"),
    "La Paz",
)
TYPES = ("St", "Ave", "Rd", "Dr", "Ln", "Ct", "Way", "Blvd", "Pl", "Cir", "Ter", "Pkwy")
WRITTEN_OUT = {
    "St": "Street",
    "Ave": "Avenue",
    "Rd": "Road",
    "Dr": "Drive",
    "Ln": "Lane",
    "Ct": "Court",
    "Blvd": "Boulevard",
    "Pl": "Place",
    "Cir": "Circle",
    "Ter": "Terrace",
    "Pkwy": "Parkway",
}
DIRECTIONS = ("N", "S", "E", "W", "NE", "SW")
TEENS = range(11, 14)
SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int) -> str:
    """`1` as `1st`."""
    return f"{number}th" if number % 100 in TEENS else f"{number}{SUFFIXES.get(number % 10, 'th')}"
