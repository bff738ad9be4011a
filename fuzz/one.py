"""One reader under the fuzzer: ``python -m fuzz.one NAME CORPUS FOLDER [libFuzzer's options]``.

Runs until the options say so, or until the reader does what no reader should. It ends in the middle
of things, as libFuzzer does; `fuzz.campaign` starts it, and reads what it says on stderr.
"""

import importlib
import sys
from pathlib import Path

import atheris

# What the readers import only when they need it; here, for what is imported later is not watched.
_LATER = (
    "hclarity.audio.pyav_decoder",
    "hclarity.registry.upstream.layouts",
    "mutagen.flac",
    "mutagen.id3",
    "mutagen.mp4",
    "mutagen.ogg",
)

with atheris.instrument_imports(include=["hclarity", "mutagen", "tomllib"]):
    from fuzz.targets import TARGETS

    for _name in _LATER:
        importlib.import_module(_name)

__all__ = ["main"]


def main() -> None:
    """Fuzz the reader that the command line names."""
    name, corpus, folder, *options = sys.argv[1:]
    target = TARGETS[name]

    def attempt(content: bytes) -> None:
        target.attempt(content, Path(folder))

    atheris.Setup([sys.argv[0], corpus, f"-max_len={target.largest}", *options], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
