"""What a file is, by its content, and the hearing tests that are in it."""

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from hclarity.errors import BadDataError, MissingInputError
from hclarity.hearing.formats.apple_health import health_export, is_health_export, refuse_cut_off
from hclarity.hearing.formats.cadenza import cadenza_listeners, is_cadenza
from hclarity.hearing.formats.choosing import Found, Only
from hclarity.hearing.formats.csv_table import csv_test
from hclarity.hearing.formats.fhir import fhir_tests, is_fhir
from hclarity.hearing.formats.healthkit import healthkit_tests, is_healthkit
from hclarity.hearing.formats.own_json import own_test
from hclarity.hearing.formats.zipped_export import is_zip, zipped_export
from hclarity.hearing.strict_json import as_object, parse

__all__ = ["found_in", "is_json", "text_in"]

_HEAD = 128 * 1024
_CHUNK = 1024 * 1024
_LAST = 4096
_LARGEST_TEXT = 4_000_000  # bytes; a listeners.json of a thousand people is a fifteenth of this
_BLANK = b" \t\r\n"
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a song or a picture",
    b"fLaC": "a song",
    b"OggS": "a song",
    b"ID3": "a song",
    b"\xd0\xcf\x11\xe0": "an old Office document",
}
_NO_EXPORT = "XML or HTML, but no Apple Health export in UTF-8; give its export.xml or export.zip"
_TYPE_IT = "type its thresholds as right=250:20,500:35,...;left=..."


def found_in(path: Path) -> Found:
    """Find the hearing tests in a file.

    Raises:
        MissingInputError: when it is not there or may not be read; the message has the path.
        BadDataError: when it is not an audiogram; the message has no path.
    """
    with _opened(path) as file:
        head = file.read(_HEAD)
        if is_zip(head):
            return zipped_export(file)
        if _is_xml(head):
            if not is_health_export(head):
                raise BadDataError(_NO_EXPORT)
            if file.seekable():  # before gigabytes are searched in vain
                refuse_cut_off(_last_bytes(file))
                file.seek(len(head))
            return health_export(_chunks(head, file))
        text = _text(head, file, "an audiogram", _TYPE_IT)
    if is_json(text):
        return _in_json(parse(text))
    if text.lstrip().startswith("<"):
        raise BadDataError(_NO_EXPORT)
    return Only(csv_test(text))


def text_in(path: Path, what: str) -> str:
    """Return the text of a small file, UTF-8 or UTF-16.

    Args:
        path: the file.
        what: it should be, as errors say, such as "a gain plan".

    Raises:
        MissingInputError: when it is not there or may not be read; the message has the path.
        BadDataError: when it is no text, or larger than 4 MB; the message has no path.
    """
    with _opened(path) as file:
        return _text(file.read(_HEAD), file, what, "give the right file")


def is_json(text: str) -> bool:
    """Whether a text is to be read as JSON: it begins with a brace or bracket."""
    return text.lstrip()[:1] in ("{", "[")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise MissingInputError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise BadDataError("this is a folder; give the file in it") from None
    except OSError as error:
        raise MissingInputError(f"{path}: cannot be read: {error.strerror}") from None


def _chunks(head: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield head
    while chunk := file.read(_CHUNK):
        yield chunk


def _last_bytes(file: BinaryIO) -> bytes:
    file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST))
    return file.read()


def _is_xml(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK).startswith(b"<")


def _text(head: bytes, file: BinaryIO, what: str, advice: str) -> str:
    for magic, other in _OTHERS.items():
        if head.startswith(magic):
            raise BadDataError(f"{other}, not {what} that can be read; {advice}")
    content = head + file.read(_LARGEST_TEXT + 1 - len(head))
    if len(content) > _LARGEST_TEXT:
        raise BadDataError(
            f"larger than {_LARGEST_TEXT} bytes, which is not {what}; give a smaller file"
        )
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if (western := _western(content)) is None:
            raise BadDataError(
                f"not UTF-8 text (byte {error.start}); save it as UTF-8 text, or {advice}"
            ) from None
        text = western
    if not text.strip():
        raise BadDataError(f"not {what}: it is empty; {advice}")
    if "\0" in text:
        raise BadDataError(f"not {what}, but NUL bytes; {advice}")
    return text


def _western(content: bytes) -> str | None:
    """Tables of older programs, in Windows-1252; None for JSON, which is not, and for no text."""
    with suppress(UnicodeDecodeError):
        text = content.decode("cp1252")
        if not is_json(text) and all(letter.isprintable() or letter in "\t\r\n" for letter in text):
            return text
    return None


def _in_json(content: object) -> Found:
    if is_fhir(content):
        return fhir_tests(content)
    if is_healthkit(content):
        return healthkit_tests(content)
    listeners = as_object(content, "an audiogram")
    return cadenza_listeners(listeners) if is_cadenza(listeners) else Only(own_test(listeners))
