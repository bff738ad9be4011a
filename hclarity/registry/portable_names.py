"""Names of files and folders that every system takes, and none takes for another thing."""

import unicodedata
from hashlib import sha256

__all__ = ["is_portable", "portable_name"]

# Of Windows, whatever follows the first dot, in any case.
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
_DEVICES |= {f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"}
# File systems take 255 bytes; what is written for a song adds up to 75: a dash, a stem, an ending.
_LONGEST = 180  # bytes
_DIGITS = 8  # of the digest that tells names apart whose beginnings are alike


def is_portable(name: str) -> bool:
    """Whether a name is left as it is.

    >>> is_portable("vocals"), is_portable("nul.flac"), is_portable("..")
    (True, False, False)
    """
    return portable_name(name) == name


def portable_name(text: str) -> str:
    """Return a name that leads nowhere else: one that is portable stays as it is.

    Separators and control characters become ``_``. Dots and blanks at the end, which Windows drops,
    and the names of its devices get one. What is too long is cut, and told apart by a digest.

    >>> [portable_name(name) for name in ("01 intro", "..", "Wait...", "AUX")]
    ['01 intro', '_.._', 'Wait..._', '_AUX']
    """
    name = "".join("_" if _is_separator(letter) else letter for letter in text)
    if not name.strip(". ") or name.partition(".")[0].rstrip().upper() in _DEVICES:
        name = f"_{name}"
    if name[-1] in ". ":
        name = f"{name}_"
    return _shortened(name)


def _is_separator(letter: str) -> bool:
    """Whether it would lead into a folder, or end a line in a terminal or a list of paths."""
    return letter in "/\\" or unicodedata.category(letter) in ("Cc", "Zl", "Zp")


def _shortened(name: str) -> str:
    content = name.encode(errors="surrogatepass")
    if len(content) <= _LONGEST:
        return name
    digest = sha256(content).hexdigest()[:_DIGITS]
    kept = content[: _LONGEST - _DIGITS - 1].decode(errors="ignore")
    return f"{kept}~{digest}"
