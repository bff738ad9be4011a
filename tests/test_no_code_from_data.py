"""Cards, recipes, checkpoints and all other files are data: nothing that they say is run."""

import subprocess
import sys
from pathlib import Path

import hclarity as package

ROOT = Path(package.__file__).parent.parent

# Python tells a hook of all that a program does. The first reading, of good files, loads what the
# readers need; from then on nothing may be loaded, compiled, started, or reached over the network.
PROGRAM = """
import sys
from pathlib import Path
from random import Random

from fuzz.breaking import broken, distorted
from fuzz.targets import TARGETS

WORDS = ("os.system", "__import__('os').system('true')", "builtins.eval", "hclarity.cli.app",
         "torch.hub.load", "!!python/object/apply:os.system", "{0.__class__}", "$(touch x)")
FORBIDDEN = ("import", "exec", "compile", "os.system", "os.exec", "os.fork", "os.posix_spawn",
             "subprocess.Popen", "socket.connect", "ctypes.dlopen", "code.__new__")
seen = []

def hook(event, arguments):
    if watching and event in FORBIDDEN:
        seen.append((event, *map(str, arguments[:1])))

watching = False
sys.addaudithook(hook)
folder, chance, tried = Path(sys.argv[1]), Random(0), 0
for target in TARGETS.values():
    for seed in list(target.seeds().values())[:4]:
        files = {distorted(seed, chance) for _ in range(6)}
        files |= {broken(seed, seed, chance) for _ in range(4)}
        for place in (b'"hdemucs"', b'"l1"', b'"adam"', b'"vocals"', b'"demucs"', b'"flac'):
            files |= {seed.replace(place, b'"' + word.encode()) for word in WORDS}
        for watching in (False, True):  # the first time only loads
            for content in (seed, *files):
                target.attempt(content[: target.largest], folder)
        tried += len(files)
        watching = False
print(tried)
for event in sorted(set(seen)):
    print(event, file=sys.stderr)
sys.exit(bool(seen))
"""


def test_nothing_that_a_file_says_is_run(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert int(run.stdout) > 500
