"""One reader under the fuzzer: ``python -m fuzz.one NAME CORPUS FOLDER [libFuzzer's options]``.

Runs until the options say so, or until the reader does what no reader should. It ends in the middle
of things, as libFuzzer does; `fuzz.campaign` starts it, and reads what it says on stderr.
"""

import importlib
import sys
from pathlib import Path
from random import Random

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
    from fuzz.breaking import distorted
    from fuzz.targets import TARGETS

    for _name in _LATER:
        importlib.import_module(_name)

__all__ = ["main"]


_STRUCTURED = 0.3  # the share of files that are changed by what they say, and not by their bytes


def main() -> None:
    """Fuzz the reader that the command line names."""
    name, corpus, folder, *options = sys.argv[1:]
    target = TARGETS[name]

    def attempt(content: bytes) -> None:
        target.attempt(content, Path(folder))

    arguments = [sys.argv[0], corpus, f"-max_len={target.largest}", *options]
    atheris.Setup(arguments, attempt, custom_mutator=_changed)
    atheris.Fuzz()


def _changed(content: bytes, most: int, seed: int) -> bytes:
    """Change a file: what it says, where it is JSON or TOML, else its bytes."""
    chance = Random(seed)
    if chance.random() < _STRUCTURED:
        changed = distorted(content, chance)
        if changed != content and len(changed) <= most:
            return changed
    return atheris.Mutate(content, most)


if __name__ == "__main__":
    main()
