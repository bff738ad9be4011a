import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from hclarity.separation.engines.openvino_door import openvino_core

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not here")

PROGRAM = """
import socket, sys, threading
from pathlib import Path
import numpy as np

opened = []

class Watched(socket.socket):
    def __init__(self, *words, **more):
        opened.append("a socket")
        super().__init__(*words, **more)

    def connect(self, address):
        opened.append(address)
        raise OSError("not here")

socket.socket = Watched
socket.create_connection = socket.getaddrinfo = lambda *words, **more: opened.append(words)
before = set(threading.enumerate())

from hclarity.separation.engines.openvino_door import openvino
openvino()
sys.path.insert(0, sys.argv[1])
from engine_nets import QUICKEST
from hclarity.separation.engines.choice import choose_engine
net, folder = QUICKEST.build(), Path(sys.argv[2])
engine = choose_engine(net, QUICKEST.contract, engine="openvino", folder=folder, say=print)
engine.submit(np.ones((1, 2, QUICKEST.chunk), np.float32)).result()
assert engine.name == "openvino"
told = [name for name, module in sys.modules.items()
        if name.startswith("openvino_telemetry") and module is not None]
assert not told, told
assert not opened, opened
assert all(thread.name.startswith("hclarity-net") for thread in set(threading.enumerate()) - before)
assert openvino() is openvino()
"""


def test_nothing_is_reported_to_anybody(tmp_path: Path) -> None:
    """Neither on import, nor while a net is converted, kept and computed."""
    words = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(tmp_path / "kept")]
    home = tmp_path / "home"  # where telemetry would keep who we are
    home.mkdir()
    environment = {"HOME": str(home), "PATH": "", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "converting the model for OpenVINO, which is kept for the next time"
    ]
    assert list(home.rglob("*")) == []


def test_threads_share_one_core() -> None:
    with ThreadPoolExecutor(8) as pool:
        cores = list(pool.map(lambda _: openvino_core(), range(64)))
    assert {id(core) for core in cores} == {id(openvino_core())}
