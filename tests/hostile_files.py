"""What a stranger's file can try when it is opened."""

import os
from pathlib import Path

__all__ = ["Attack"]


class Attack:
    """Pickled, it makes a folder when it is unpickled by a reader that runs code."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.target),)
