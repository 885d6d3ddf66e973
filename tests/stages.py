"""The built-in rules and all stages over them, compiled once for all tests.

They stand apart from conftest.py, which the process that only hands out the tests imports too.
"""

from __future__ import annotations

from extractor.catalogue import load_catalogue
from extractor.pipeline import Extractor

CATALOGUE = load_catalogue()
STAGES = Extractor(CATALOGUE)
