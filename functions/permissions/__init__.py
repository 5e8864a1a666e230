"""Drop the cached permissions of the signed-in user, here and in a frontend."""

import petition as petition  # first of all: it prepares the start
