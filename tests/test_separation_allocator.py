import ctypes
import subprocess
import sys

import pytest

from hclarity.separation.allocator import few_arenas, tell_allocator

_COUNT = """
import ctypes, threading
from hclarity.separation.allocator import few_arenas
{tell}
def work():
    kept = [ctypes.CDLL(None).malloc(10_000) for _ in range(200)]
    barrier.wait()
barrier = threading.Barrier(8)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ctypes.CDLL(None).malloc_stats()
"""


def arenas(tell: str) -> int:
    """How many arenas eight threads use."""
    command = [sys.executable, "-c", _COUNT.format(tell=tell)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return told.count("Arena ")


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="another allocator than glibc's"
)
def test_threads_share_two_arenas() -> None:
    assert arenas("") > 2
    assert arenas("few_arenas()") <= 2


def test_another_allocator_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    few_arenas()
    tell_allocator({0: 0})
