"""Which publisher's layout a file of weights is in."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hclarity.errors import BadDataError
from hclarity.registry.quoting import printable
from hclarity.registry.upstream import bsrnn, bsrnn_stereo, conv_tasnet, hdemucs, own
from hclarity.registry.upstream.contents import read_config, read_contents
from hclarity.registry.upstream.published import Published

__all__ = ["LAYOUTS", "read_published", "recognise"]

Translate = Callable[[object, Mapping[str, object]], Published | None]

LAYOUTS: Mapping[str, Translate] = {
    "hclarity": own.translate,
    "Hybrid Demucs (demucs v3, torchaudio)": hdemucs.translate,
    "Conv-TasNet (demucs v2, Cadenza)": conv_tasnet.translate,
    "BandSplitRNN (github.com/magronp/bsrnn)": bsrnn.translate,
    "BandSplitRNN (github.com/amanteur/BandSplitRNN-PyTorch)": bsrnn_stereo.translate,
}
"""What can be read, in words -> its translation; the first that knows the contents wins."""


def read_published(path: Path) -> Published:
    """Read weights that somebody else has published.

    Args:
        path: of the file, or of a Hugging Face folder.

    Raises:
        MissingInputError: when it is not there or may not be read.
        BadDataError: when it is broken, brings code, or is in no known layout.
    """
    contents, config = read_contents(path), read_config(path)
    try:
        published = recognise(contents, config)
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from error
    if published is None:
        raise BadDataError(
            f"{path}: not weights that can be read: found {_told(contents)};"
            f" expected those of {', or of '.join(LAYOUTS)}"
        )
    return published


def recognise(contents: object, config: Mapping[str, object]) -> Published | None:
    """Translate the contents of a file, or return None where no layout knows them.

    Raises:
        BadDataError: when a layout knows them and they are wrong or not supported.
    """
    for translate in LAYOUTS.values():
        try:
            published = translate(contents, config)
        except BadDataError as error:
            raise BadDataError(_on_one_line(error)) from error
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            RuntimeError,
            TypeError,
            ValueError,
        ) as error:
            # A stranger's file can hold anything under any name; the layouts ask for what counts.
            raise BadDataError(f"not as its layout has it: {_on_one_line(error)}") from error
        if published is not None:
            return published
    return None


def _on_one_line(error: Exception) -> str:
    return printable(" ".join(str(error).split()), 400)


def _told(contents: object) -> str:
    shown = 3
    if not isinstance(contents, dict):
        return f"a {type(contents).__name__}"
    names = ", ".join(printable(str(name), 60) for name in list(contents)[:shown])
    more = f" and {len(contents) - shown} more" if len(contents) > shown else ""
    return f"a dict of {names or 'nothing'}{more}"
