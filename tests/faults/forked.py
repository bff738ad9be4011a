"""The program in processes that begin at once: forked from one that has loaded all it needs.

Such a process is a whole program, which may be killed; but it is spared the seconds of starting,
so that a fault strikes the work and not the loading.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import mkdtemp

from cli_program import Ended

__all__ = ["Forked", "Trouble", "fork", "run"]

Trouble = Callable[[], None]
"""Called in the process before the program begins; is pickled."""

_LOADED = [
    "hclarity.__main__",
    "hclarity.cli.app",
    "hclarity.cli.evaluating",
    "hclarity.cli.remixing",
    "hclarity.cli.separating",
    "hclarity.evaluation.sdr_measure",
    "hclarity.registry.nets",
    "hclarity.separation.engines.choice",
    "hclarity.separation.separator",
    "hclarity.training.loop",
    "hclarity.training.processes",
    "mutagen.id3",
    "pydantic",
    "scipy.signal",
    "scipy.stats",
]
_PATIENCE_S = 300.0
_LOOK_EVERY_S = 0.005
_SIGNALS = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}


def untroubled() -> None:
    """No fault at all."""


def _program(words: list[str], environment: dict[str, str], said: str, trouble: Trouble) -> None:
    """Be the program, in a group of processes of its own."""
    os.setsid()
    os.chdir(environment["PWD"])
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(("out", "err"), 1):
        os.dup2(os.open(Path(said, name), os.O_WRONLY), number)
    for number, handler in _SIGNALS.items():
        signal.signal(number, handler)
    sys.argv = ["hclarity", *words]
    from hclarity.__main__ import main

    Path(said, "begun").touch()
    trouble()
    main()


@dataclass
class Forked:
    """The program at work."""

    process: BaseProcess
    said: Path

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        assert self.process.pid is not None
        return self.process.pid

    def wait_for(self, there: Callable[[], bool]) -> None:
        """Wait until something is there, or it has ended."""
        for _ in range(round(_PATIENCE_S / _LOOK_EVERY_S)):
            if there() or self.has_ended(_LOOK_EVERY_S):
                return
        raise AssertionError("it takes too long")

    def has_ended(self, within: float = 0.0) -> bool:
        """Whether it has, or does within so many seconds."""
        self.process.join(within)
        return self.process.exitcode is not None

    def signal(self, number: int) -> None:
        """Send a signal, if it is still there."""
        if not self.has_ended():
            os.kill(self.pid, number)

    def ended(self) -> Ended:
        """Wait for its end, once; negative codes are the signals that killed it, as for any."""
        assert self.has_ended(_PATIENCE_S), "it takes too long"
        code = self.process.exitcode
        assert code is not None
        out, err = ((self.said / name).read_text(errors="replace") for name in ("out", "err"))
        shutil.rmtree(self.said)
        return Ended(code, out, err)


def fork(
    *words: object,
    folder: Path,
    trouble: Trouble = untroubled,
    environment: Mapping[str, str] | None = None,
) -> Forked:
    """Begin the program in a folder, with a fault or without."""
    context = get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    said = Path(mkdtemp(prefix="said-", dir=os.environ.get("PYTEST_SAID")))
    for name in ("out", "err"):
        (said / name).touch()
    whole = {**os.environ, "PWD": str(folder.absolute()), **(environment or {})}
    process = context.Process(
        target=_program, args=([str(word) for word in words], whole, str(said), trouble)
    )
    process.start()
    program = Forked(process, said)
    program.wait_for((said / "begun").exists)
    return program


def run(*words: object, folder: Path, trouble: Trouble = untroubled, **environment: str) -> Ended:
    """Run the program in a folder to its end."""
    return fork(*words, folder=folder, trouble=trouble, environment=environment).ended()
