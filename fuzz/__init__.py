"""Readers of strangers' files under fire: ``make fuzz``, or ``python -m fuzz --help``.

Whatever comes in, a reader returns a value or raises an `HclarityError` of one line, soon and with
little memory. The files it begins with are those of the tests, which also try a few of every kind
(``tests/test_hostile_files.py``); here a fuzzer goes on from them, led by what code each reaches.
"""

import sys
from pathlib import Path

__all__ = ["ROOT"]

ROOT = Path(__file__).parent.parent
if str(ROOT / "tests") not in sys.path:
    sys.path.append(str(ROOT / "tests"))
