"""Has this voter signed this campaign already?"""

import petition as petition  # first of all: it prepares the start
