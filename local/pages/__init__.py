"""The pages of the local stack, to try the API on: static files, with nothing to build and nothing from a network.

files.py        what is served, and from where
site.py         serves it
index.html, reference.html and their scripts
"""

from local.pages.files import FILES, write_charts
from local.pages.site import Site

__all__ = ["FILES", "Site", "write_charts"]
