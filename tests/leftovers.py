"""What a run of the tests has left behind: files, and programs that still run.

Other programs make temporary files meanwhile, and start processes. So the tests get a temporary
folder and a mark in the environment of their own, which whatever they start inherits; only what has
these is looked at.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Watch"]

_MARK = "HCLARITY_TESTS_RUN"
_PATIENCE = 5.0  # s that a program which was told to end may take
_OF_PYTHON = b"multiprocessing"  # its own helpers live as long as the process that has them
_OF_OTHERS = ("torchinductor_", "torchelastic_", "ray")  # caches, what torchrun logs
_NOT_OURS = {".venv", ".git", "runs", "__pycache__"}


class Watch:
    """Watches over one run.

    Args:
        root: of the repository, in which no unfinished file may be left.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._mark = f"{_MARK}={secrets.token_hex(8)}"
        system = tempfile.gettempdir()
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", system)  # where pytest keeps its own
        self._temporary = Path(tempfile.mkdtemp(prefix="hclarity-tests-"))
        os.environ["TMPDIR"] = tempfile.tempdir = str(self._temporary)
        os.environ.update([self._mark.split("=")])

    def left(self) -> list[str]:
        """Say what is left, a line each; the temporary folder is then removed."""
        found = [f"a temporary file: {path}" for path in self._forgotten()]
        found += [f"an unfinished file: {path}" for path in self._unfinished()]
        found += [f"a program that still runs: {words}" for words in self._running()]
        shutil.rmtree(self._temporary, ignore_errors=True)
        return found

    def _forgotten(self) -> list[Path]:
        there = sorted(self._temporary.iterdir())
        return [path for path in there if not path.name.startswith(_OF_OTHERS)]

    def _unfinished(self) -> Iterator[Path]:
        for folder, names, files in os.walk(self._root):
            names[:] = [name for name in names if name not in _NOT_OURS]
            yield from (Path(folder, file) for file in files if file.endswith(".part"))

    def _running(self) -> list[str]:
        """What was started by the tests and has not ended; nothing where there is no /proc."""
        until = time.monotonic() + _PATIENCE
        while (running := list(self._marked())) and time.monotonic() < until:
            time.sleep(0.1)
        return running

    def _marked(self) -> Iterator[str]:
        for process in Path("/proc").glob("[0-9]*"):
            if int(process.name) == os.getpid():
                continue
            try:
                environment = (process / "environ").read_bytes().split(b"\0")
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:  # it has ended, or is somebody else's
                continue
            if self._mark.encode() in environment and _OF_PYTHON not in words:
                yield f"{process.name}: {words.decode(errors='replace')[:200]}"
