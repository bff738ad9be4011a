"""What all pictures have in common: their look, and files that are always the same."""

import io
import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hclarity.errors import UnavailableError, UsageError
from hclarity.registry.whole_files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["BLUE", "GREY", "INK", "ORANGE", "PALE", "RED", "check_picture", "write_picture"]

_UNDATED: Mapping[str, Mapping[str, Any]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
_DPI = 200
INK, GREY, PALE = "#404040", "#8c8c8c", "#e4e4e4"
# Told apart by all eyes. Source: M. Okabe and K. Ito, "Color Universal Design", 2008.
ORANGE = "#E69F00"
# An audiologist's red and blue, as far apart in lightness as they are in hue.
RED, BLUE = "#C8102E", "#1F4FA3"
_STYLE: Mapping[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "hclarity",  # the same values, the same file
    "text.parse_math": False,  # a name may have dollars
}


def check_picture(path: Path, kinds: Collection[str] = (".png", ".svg")) -> None:
    """Refuse what `write_picture` would, before anything is computed.

    Raises:
        UsageError: when a file of that name cannot be drawn.
        UnavailableError: without matplotlib.
    """
    if path.suffix.lower() not in kinds:
        raise UsageError(f"cannot draw {path.name}: name it with one of {', '.join(kinds)}")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise UnavailableError("plots need matplotlib: pip install 'hclarity[plot]'") from error


def write_picture(path: Path, drawn: "Callable[[], Figure]") -> None:
    """Draw in the common style and write, whole or not at all.

    Args:
        path: ``.png``, ``.svg`` or ``.pdf``.
        drawn: makes the figure.

    Raises:
        CannotCreateError: when the file cannot be created.
        StorageError: when it cannot be written.
    """
    from matplotlib import rc_context

    kind = path.suffix.lower()
    picture = io.BytesIO()
    with rc_context(dict(_STYLE)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a name in a script that the font lacks
        looks: dict[str, Any] = {"dpi": _DPI, "bbox_inches": "tight"}  # with all of a long name
        drawn().savefig(picture, format=kind[1:], metadata=dict(_UNDATED[kind]), **looks)
    write_whole(path, picture.getvalue())
