"""The names from which voters are made up. Counties, cities and streets are invented too."""

STATE = "OR"


def _words(text: str) -> list[str]:
    return text.split()


FEMALE = _words(
    "Abigail Aisha Amelia Anaïs Ana-Sofía Anne-Marie Beatriz Camila Chloé Claire D'Asia Deborah Elena Esther Eun-Ji "
    "Fatima Frances Grace Hannah Imani Isabel Jasmine Joan Julia Kateri Keiko Laila Laura Lucía Margaret Maria María "
    "Mei-Ling Miriam Naomi Nia Olivia Patricia Priya Renée Rosa Ruth Sarah Sinéad Sofia Susan Tamika Teresa Thandiwe "
    "Ursula Valentina Victoria Wilhelmina Ximena Yolanda Zoë"
)
MALE = _words(
    "Aaron Ahmed Alejandro Andre Benjamin Björn Carlos Charles D'Andre Daniel David Dmitri Edward Emmanuel Ethan "
    "François George Hiroshi Ibrahim Isaac James Jean-Paul Jesús John José Joseph Juan Kevin Kwame Leo Liam Luis Malik "
    "Mark Martín Mateo Michael Mohammed Nathan Noah O'Neal Omar Óscar Patrick Paul Peter Raúl Robert Samuel Seán "
    "Stephen Thomas Tyrone Victor Vikram Walter William Xavier Yusuf"
)
SURNAMES = [
    *_words(
        "Adams Álvarez Anderson Baker Begay Brown Campbell Carter Castañeda Chen Clark Cohen Collins D'Amico D'Angelo "
        "Davis Delgado Díaz Evans Fernández Fitzgerald Flores Foster García García-López Gómez Gonzalez González Green "
        "Gupta Hall Hansen Harris Hernández Hill Hughes Ibáñez Jackson Johnson Jones Kaplan Kelly Khan Kim King "
        "Kowalski Le Lee Lewis Lopez Lund MacDonald Martin Martínez McCarthy McDonald Miller Mitchell Moore Morales "
        "Müller Muñoz Murphy Nakamura Nelson Nguyen Novák Núñez O'Brien O'Connor O'Neill Okafor Olsen Ortiz Park Patel "
        "Peña Perez Phillips Price Ramírez Reyes Rivera Roberts Robinson Rodríguez Rosenberg Ruiz Saint-Pierre Sanchez "
        "Schmidt Scott Sharma Silva Singh Smith Smith-Jones Stewart Taylor Thomas Thompson Torres Tran Turner Vargas "
        "Walker Washington Watson White Williams Wilson Wong Wright Yamamoto Yellowhorse Young Zhang Żukowski"
    ),
    *("De la Cruz", "Le Blanc", "St. James", "Van der Berg"),
]
STREETS = _words(
    "Alder Aspen Birch Blackberry Camas Cedar Chestnut Clover Cottonwood Dogwood Elderberry Fern Filbert Foxglove "
    "Harvest Hawthorn Hemlock Huckleberry Juniper Larch Laurel Lupine Maple Meadowlark Millrace Mulberry Orchard "
    "Osprey Quail Quarry Rosemary Salal Sorrel Spruce Sumac Sweetbriar Tamarack Thistle Trillium Vineyard Willow Yarrow"
)
STREET_TYPES = ("St", "Ave", "Rd", "Dr", "Ln", "Ct", "Way", "Blvd")
DIRECTIONS = ("", "", "N ", "S ", "NE ", "SW ")
PLACES = (  # city, county, ZIP code
    ("Alderton", "Tamarack", "97951"),
    ("Alderton", "Tamarack", "97952"),
    ("Camas Prairie", "Tamarack", "97953"),
    ("Millrace", "Tamarack", "97954"),
    ("Port Ellery", "Tamarack", "97955"),
    ("Juniper Flat", "Hollister", "97961"),
    ("Saint Agnes", "Hollister", "97962"),
    ("Winslow Mills", "Hollister", "97963"),
)
PARTIES = ("Democratic", "Republican", "Nonaffiliated", "Independent", "Libertarian", "Pacific Green")
PARTY_SHARES = (33, 25, 35, 5, 1, 1)
