"""Drop the cached permissions of the signed-in user, here and in a frontend."""
