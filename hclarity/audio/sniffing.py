"""What a file is, by its first bytes."""

from pathlib import Path

__all__ = ["looks_like_sound"]

_MOST = 12
_ASF = bytes.fromhex("3026b2758e66cf11")
_EBML = bytes.fromhex("1a45dfa3")  # Matroska and WebM
_W64 = bytes.fromhex("726966662e91cf11")
_BEGINNINGS = (b"fLaC", b"OggS", b"ID3", b"caff", b"wvPk", b"MAC ", b".snd", _W64, _ASF, _EBML)
_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"crx "}
_ENDINGS = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff", ".aif", ".caf", ".m4a", ".aac"}
_FORMS = {b"RIFF": (b"WAVE", b"AVI "), b"RF64": (b"WAVE",), b"FORM": (b"AIFF", b"AIFC")}


def looks_like_sound(path: Path) -> bool:
    """Whether a file begins as those do that hold sound, videos among them.

    Whether it is sound, and whole, only a reader can tell. What cannot be read looks so by its
    ending, for it to be told of.
    """
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            first = file.read(_MOST)
    except OSError:
        return path.suffix.lower() in _ENDINGS
    form = _FORMS.get(first[:4])
    if form is not None:
        return first[8:12] in form
    return first.startswith(_BEGINNINGS) or _is_mp4(first) or _is_mpeg(first)


def _is_mp4(first: bytes) -> bool:
    """Whether it is MP4 or of its kin, but no picture."""
    return first[4:8] == b"ftyp" and first[8:12] not in _PICTURES


def _is_mpeg(first: bytes) -> bool:
    """Whether it is a frame of MPEG audio, layer II or III, or of AAC in ADTS."""
    if len(first) < 4 or first[0] != 0xFF or first[1] & 0xE0 != 0xE0:
        return False
    version, layer = first[1] >> 3 & 3, first[1] >> 1 & 3
    if layer == 0:  # ADTS, which has a sync word a bit longer
        return first[1] & 0xF0 == 0xF0 and first[2] >> 2 & 15 < 13
    return layer != 3 and version != 1 and first[2] >> 4 < 15 and first[2] >> 2 & 3 < 3
