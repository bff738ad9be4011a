"""Audiogram files that are broken, mistaken, or made to harm, and what shall be said of each.

As a program it reads each of the files in a folder, and prints the seconds that this took and the
largest memory so far::

    python hostile_audiograms.py FOLDER
"""

import io
import json
import re
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hclarity.errors import BadDataError, HclarityError
from hclarity.hearing.formats.reading import read_listener

__all__ = [
    "HOSTILE",
    "Hostile",
    "apple_export",
    "apple_point",
    "fhir_observation",
    "fhir_threshold",
    "zipped",
]

GIGABYTE = 1 << 30
EAR = {"250": 20, "1000": 35.5, "4000": 60}
EAR_TEXT = json.dumps(EAR)
CADENZA = {
    "name": "L1",
    "audiogram_cfs": [250, 1000, 4000],
    "audiogram_levels_l": [20, 35.5, 60],
    "audiogram_levels_r": [15, 30, 55],
}


@dataclass(frozen=True)
class Hostile:
    """A file: its content, what its refusal says, and how much nothing comes after the content."""

    content: object
    complaint: str
    padding: int = 0
    error: type[HclarityError] = field(default=BadDataError)

    def write(self, path: Path) -> None:
        """Make the file, or the folder if there is no content."""
        if self.content is None:
            path.mkdir()
            return
        content = self.content() if callable(self.content) else self.content
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        with path.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if self.padding:
                file.truncate(self.padding)


# --- the well-formed files that the others are made of --------------------------------------------


def both(ear: str) -> str:
    return f'{{"left": {ear}, "right": {EAR_TEXT}}}'


def cadenza(**changes: object) -> dict[str, object]:
    changed = {**CADENZA, **changes}
    return {key: value for key, value in changed.items() if value != "without"}


def apple_point(hz: object, left: object = 35, right: object = 30, **changes: str) -> str:
    attributes = {
        "frequencyValue": str(hz),
        "frequencyUnit": "Hz",
        "leftEarValue": str(left),
        "leftEarUnit": "dBHL",
        "rightEarValue": str(right),
        "rightEarUnit": "dBHL",
        **changes,
    }
    written = " ".join(f'{key}="{value}"' for key, value in attributes.items() if value != "")
    return f"<SensitivityPoint {written}/>"


APPLE_POINTS = "".join(apple_point(hz) for hz in (500, 1000, 2000, 4000))
DOCUMENT_TYPE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Audiogram)*)>
<!ELEMENT Audiogram EMPTY>
<!ATTLIST Audiogram type CDATA #REQUIRED endDate CDATA #REQUIRED>
]>
"""


def apple_export(
    *tests: tuple[str, str], head: str = DOCUMENT_TYPE, end: str = "</HealthData>\n"
) -> str:
    """An export: the date and the points of each test."""
    record = '<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" value="61"/>\n'
    audiograms = (
        f'<Audiogram type="HKDataTypeIdentifierAudiogram" sourceName="clinic"\n endDate="{date}">'
        f'<MetadataEntry key="a" value="&lt;b&gt;"/>{points}</Audiogram>\n'
        for date, points in tests
    )
    return f'{head}<HealthData locale="en_GB">\n{record}{record.join(audiograms)}{record}{end}'


def apple(points: str = APPLE_POINTS, date: str = "2026-01-15 10:10:00 +0000", **more: str) -> str:
    return apple_export((date, points), **more)


def zipped(
    content: str | bytes, name: str = "apple_health_export/export.xml", **options: int
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def hidden_export() -> bytes:
    """An export behind so many other files that nobody looks for it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(8):
            archive.writestr(f"a{number}.xml", "<a/>")
        archive.writestr("b.xml", apple())
    return file.getvalue()


def edited(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


def many_members() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "")
    content = file.getvalue()
    at = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    count = 65535
    directory = content[at:end] * count
    tail = bytearray(content[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = (200 * len(directory)).to_bytes(4, "little")
    return content[:at] + directory + bytes(tail)


BILLION_LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE HealthData [\n<!ENTITY a "ha">\n'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">\n' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>\n"
)
CODES = {"left": {500: "89024-4", 1000: "89016-0", 2000: "89018-6", 4000: "89022-8"}}
CODES["right"] = {500: "89025-1", 1000: "89017-8", 2000: "89019-4", 4000: "89023-6"}


def fhir_threshold(side: str, hz: int, level: object, **changes: object) -> dict[str, object]:
    shown = f"Hearing threshold Ear - {side} --{hz} Hz"
    coding = {"system": "http://loinc.org", "code": CODES[side][hz], "display": shown}
    quantity = {"value": level, "unit": "dB", "system": "http://unitsofmeasure.org", "code": "dB"}
    return {"code": {"coding": [coding]}, "valueQuantity": quantity, **changes}


def fhir_observation(**changes: object) -> dict[str, object]:
    thresholds = [fhir_threshold(side, hz, 40) for side, codes in CODES.items() for hz in codes]
    observation = {"resourceType": "Observation", "status": "final", "component": thresholds}
    return {**observation, **changes}


def fhir(change: Callable[[dict[str, object]], object]) -> Callable[[], object]:
    """An Observation whose first threshold, the left ear's at 500 Hz, is changed."""

    def content() -> object:
        observation = fhir_observation()
        change(observation["component"][0])  # type: ignore[index]
        return observation

    return content


def coding(**changes: object) -> Callable[[], object]:
    return fhir(lambda item: item["code"]["coding"][0].update(changes))  # type: ignore[index]


def quantity(**changes: object) -> Callable[[], object]:
    return fhir(lambda item: item["valueQuantity"].update(changes))  # type: ignore[attr-defined]


LONG = "frequency_hz,left_db_hl,right_db_hl\n250,20,15\n1000,35,30\n4000,60,55\n"
WIDE = "ear,250,1000,4000\nleft,20,35,60\nright,15,30,55\n"
SENSITIVITY = {"frequency": 500, "leftEarSensitivity": 10, "rightEarSensitivity": 15}

# --- the corpus -----------------------------------------------------------------------------------

OURS = {
    "empty": Hostile("", "is empty; type its thresholds as right="),
    "blank": Hostile(" \n\t\n", "is empty; type"),
    "a folder": Hostile(None, "this is a folder; give the file"),
    "cut off": Hostile(both(EAR_TEXT)[:-5], "not JSON: .* line 1, column"),
    "trailing comma": Hostile('{"left": {"250": 20,}}', "not JSON"),
    "comments": Hostile('{"left": {} /* me */}', "not JSON"),
    "a Python dictionary": Hostile("{'left': 1}", "not JSON"),
    "a list": Hostile("[1, 2, 3]", "audiogram must be an object, got a list"),
    "a number": Hostile("3", "first line must be frequency_hz,left_db_hl"),
    "no ears": Hostile("{}", "no thresholds in it; give those of both ears"),
    "empty ears": Hostile(both("{}"), "left ear is missing; add it, or give --other-ear same"),
    "right only": Hostile({"right": EAR}, "left ear is missing; .* --other-ear normal"),
    "left only": Hostile({"left": EAR}, "right ear is missing; .* --other-ear normal"),
    "misspelt ear": Hostile({"left": EAR, "rihgt": EAR}, "unknown key 'rihgt'; .* left and right"),
    "capital ear": Hostile({"Left": EAR, "Right": EAR}, "unknown key 'Left'"),
    "ear as list": Hostile(both("[20, 35, 60]"), "left ear must be an object, got a list"),
    "ear as null": Hostile(both("null"), "left ear must be an object, got null"),
    "two points": Hostile(both('{"250": 1, "500": 2}'), "at least 3 points, got 2"),
    "500 dB": Hostile(
        both('{"250": 20, "1000": 500, "4000": 6}'), "500 dB HL at 1000 Hz .* -10 to"
    ),
    "-11 dB": Hostile(both('{"250": 20, "1000": -11, "4000": 60}'), "-11 dB HL .* -10 to 120"),
    "50 Hz": Hostile(both('{"50": 20, "1000": 2, "4000": 6}'), "50 Hz is outside 125 to 16000 Hz"),
    "negative Hz": Hostile(both('{"-250": 20, "1000": 20, "4000": 60}'), "-250 Hz is outside"),
    "Hz nan": Hostile(both('{"nan": 20, "1000": 20, "4000": 60}'), "'nan' where a frequency in Hz"),
    "one Hz twice": Hostile(both('{"250": 20, "250.0": 30, "4000": 60}'), "250 Hz is given twice"),
    "key twice": Hostile(both('{"250": 20, "250": 30, "4000": 60}'), "'250' is given twice"),
    "ear twice": Hostile(f'{{"left": {EAR_TEXT}, "left": {EAR_TEXT}}}', "'left' is given twice"),
    "no response to nothing": Hostile(both('{"250": "NR 500", "500": 2}'), "500 dB HL at 250 Hz"),
    "only no responses": Hostile(both('{"250":"NR","500":"NR","1000":"NR"}'), "3 points, got 0"),
    "loud words": Hostile(both('{"250": "loud"}'), "'loud' at 250 Hz, where dB HL are expected"),
    "true level": Hostile(both('{"250": true}'), "250' Hz must be a number, got true"),
    "null level": Hostile(both('{"250": null}'), "number, got null"),
    "NaN": Hostile(both('{"250": NaN}'), "NaN is not a number"),
    "Infinity": Hostile(both('{"250": Infinity}'), "Infinity is not"),
    "1e999": Hostile(both('{"250": 1e999}'), "inf dB HL at 250 Hz is outside"),
    "huge integer": Hostile(lambda: both(f'{{"250": {"9" * 3_000_000}}}'), " inf dB HL at 250 Hz"),
    "huge key": Hostile(lambda: both(f'{{"{"9" * 3_000_000}": 20}}'), "where a frequency in Hz"),
    "many points": Hostile(
        lambda: both(json.dumps({str(125 + n / 10): 20 for n in range(99_999)})),
        "99999 points; give .* at most 100",
    ),
    "list bomb": Hostile(lambda: "[" * 3_900_000, "nested too deeply"),
    "object bomb": Hostile(lambda: '{"left":' * 480_000, "nested too deeply"),
    "many lists": Hostile(lambda: f"[{'[],' * 1_300_000}[]]", "must be an object, got a list"),
    "many objects": Hostile(
        lambda: '{"left":[' + '{"a":0},' * 480_000 + "0]}", "must be an object"
    ),
    "name as list": Hostile({"name": ["x"], "left": EAR, "right": EAR}, "name must be text"),
    "name with escapes": Hostile({"name": "\x1b[2J", "left": EAR, "right": EAR}, "printable"),
    "half a character": Hostile(f'{{"name": "\\ud800", {both(EAR_TEXT)[1:]}', "printable"),
    "Latin-1": Hostile(
        f'{{"name": "Zoë", {both(EAR_TEXT)[1:]}'.encode("latin-1"), "save it as UTF"
    ),
    "half of UTF-16": Hostile(both(EAR_TEXT).encode("utf-16")[:-1], "not UTF-8 .*save it as UTF-8"),
    "gigabyte of nothing": Hostile(both(EAR_TEXT), "larger than 4000000 bytes", GIGABYTE),
    "nothing but a gigabyte": Hostile(b"", "larger than 4000000 bytes", GIGABYTE),
    "padded with blanks": Hostile(lambda: both(EAR_TEXT) + " " * 20_000_000, "larger than 4000000"),
    "padded with less": Hostile(lambda: both(EAR_TEXT) + " " * 3_900_000 + "x", "not JSON: Extra"),
    "NUL bytes": Hostile(b"\0" * 100, "NUL bytes; type"),
    "random bytes": Hostile(bytes(range(255, 0, -1)) * 99, "not UTF-8 text .byte 32.; save it as"),
    "a song": Hostile(b"RIFF\xff\xff\xff\xffWAVEfmt ", "a song .* not an audiogram .*; type"),
    "a PDF": Hostile(b"%PDF-1.7\n%\xe2\xe3", "a PDF, not an audiogram .*; type"),
    "a picture": Hostile(b"\x89PNG\r\n\x1a\n", "a picture, not an audiogram"),
}
CHALLENGE = {
    "cadenza left only": Hostile(cadenza(audiogram_levels_r="without"), "right ear is missing"),
    "cadenza right only": Hostile(cadenza(audiogram_levels_l="without"), "left ear is missing"),
    "cadenza no Hz": Hostile({"L1": cadenza(audiogram_cfs="without")}, "unknown key 'L1'"),
    "cadenza short": Hostile(cadenza(audiogram_levels_l=[1, 2]), "3 audiogram_cfs for 2 audio"),
    "cadenza Hz as number": Hostile(cadenza(audiogram_cfs=250), "audiogram_cfs must be a list"),
    "cadenza null": Hostile(cadenza(audiogram_levels_l=[1, None, 2]), "number, got null"),
    "cadenza descending": Hostile(cadenza(audiogram_cfs=[4000, 1000, 250]), "1000 Hz after 4000"),
    "cadenza 500 dB": Hostile(cadenza(audiogram_levels_r=[1, 500, 2]), "the right ear: 500 dB HL"),
    "cadenza name": Hostile(cadenza(name=7), "name must be text, got 7"),
    "cadenza listener": Hostile({"L1": cadenza(audiogram_cfs=[])}, "'L1': 0 audiogram_cfs for 3"),
}
APPLE = {
    "HTML": Hostile(
        "<!doctype html><html><p>Log in</p></html>", "no Apple Health .*; give its exp"
    ),
    "other XML": Hostile(
        "<audiogram><left/></audiogram>", "no Apple Health export .*; give its exp"
    ),
    "clinical XML": Hostile("<ClinicalDocument>" + "<HealthDat/>" * 99, "no Apple Health export"),
    "no hearing test": Hostile(apple_export(), "no hearing test .* in the Health app, and export"),
    "test without points": Hostile(apple(""), "no hearing test"),
    "export cut off": Hostile(apple(end=""), "cut off; export or copy it again"),
    "test cut off": Hostile(apple()[:-300], "cut off; export or copy it again"),
    "prologue only": Hostile(DOCUMENT_TYPE, "no Apple Health export"),
    "endless prologue": Hostile(
        lambda: apple(head=f"<?xml version='1.0'?><!--{'x' * 70_000}-->"), "no Apple Health export"
    ),
    "billion laughs": Hostile(apple(head=BILLION_LAUGHS), "declares XML entities.*export again"),
    "external entity": Hostile(
        apple(head='<!DOCTYPE HealthData [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "XML entities",
    ),
    "undeclared entity": Hostile(apple(apple_point("&x;")), "not XML: undefined entity"),
    "not nested well": Hostile(apple("<SensitivityPoint></Audiogram>"), "not XML: mismatched tag"),
    "element bomb": Hostile(lambda: apple("<a>" * 1_000_000), "over 65536 bytes long"),
    "attribute bomb": Hostile(lambda: apple(f'<a b="{"x" * 9_000_000}"/>'), "over 65536 bytes"),
    "test bomb": Hostile(
        lambda: apple_export(*[("2026-01-15 10:10:00 +0000", APPLE_POINTS)] * 5000),
        "more than 1000",
    ),
    "hollow tests": Hostile(
        lambda: f"<HealthData>{'<Audiogram/>' * 900_000}</HealthData>",
        "more than 1000 hearing tests",
    ),
    "names that begin alike": Hostile(
        lambda: f"<HealthData>{'<AudiogramX/>' * 900_000}</HealthData>", "no hearing test"
    ),
    "gigabyte after an export": Hostile(apple(), "cut off", GIGABYTE),
    "gigabyte in an export": Hostile("<HealthData>", "cut off", GIGABYTE),
    "Apple left only": Hostile(
        apple("".join(apple_point(hz, 30, "", rightEarUnit="") for hz in (500, 1000, 2000))),
        "right ear is missing; add it, or give --other-ear",
    ),
    "Apple dB SPL": Hostile(
        apple(apple_point(500, leftEarUnit="dBSPL")), "must be dBHL, got 'dBSPL"
    ),
    "Apple rad/s": Hostile(
        apple(apple_point(500, frequencyUnit="rad/s")), "must be Hz or kHz, got"
    ),
    "Apple no unit": Hostile(apple(apple_point(500, rightEarUnit="")), "rightEarUnit must be dBHL"),
    "Apple words": Hostile(apple(apple_point(500, "loud")), "must be a number, got 'loud'"),
    "Apple nan": Hostile(
        apple(apple_point(500, "nan")), "nan dB HL at 500 Hz is outside -10 to 120"
    ),
    "Apple 1e999": Hostile(apple(apple_point(500, "1e999")), "inf dB HL at 500 Hz is outside"),
    "Apple twice": Hostile(
        apple(APPLE_POINTS + apple_point(500)), "500 Hz is given twice; keep one"
    ),
    "Apple no date": Hostile(apple(date=""), "'' is no date such as 2026-01-15"),
    "Apple thirteenth month": Hostile(
        apple(date="2026-13-15 10:10:00 +0000"), "is no date such as"
    ),
    "Apple UTF-16": Hostile(apple().encode("utf-16"), "no Apple Health export in UTF-8; give"),
    "Apple Latin-1": Hostile(
        apple(APPLE_POINTS).replace("clinic", "Zoë").encode("latin-1"), "not XML: not well-formed"
    ),
    "dump without points": Hostile({"sensitivityPoints": []}, "no thresholds in it; give"),
    "dump of words": Hostile({"sensitivityPoints": ["x"]}, "point must be an object, got the text"),
    "dump of text": Hostile({"sensitivityPoints": [{**SENSITIVITY, "frequency": "5"}]}, "a number"),
    "dump without dates": Hostile(
        [{"sensitivityPoints": [SENSITIVITY]}] * 2, "hearing test 1: .*date"
    ),
    "dump beyond time": Hostile(
        [{"sensitivityPoints": [], "endDate": 1e300}] * 2, "must be a date"
    ),
}
ZIPS = {
    "hidden export": Hostile(hidden_export, "without an Apple Health export.xml in it"),
    "empty zip": Hostile(b"PK\x05\x06" + bytes(18), "without an Apple Health .*; give one"),
    "zip of a song": Hostile(zipped("x", "song.xml"), "without an Apple Health export"),
    "zip of a page": Hostile(zipped("<html>", "export.xml"), "without an Apple Health export"),
    "zip too deep": Hostile(zipped(apple(), "a/b/c/export.xml"), "without an Apple Health export"),
    "zip cut off": Hostile(zipped(apple())[:-40], "a broken zip .*; export or copy it again"),
    "zip head only": Hostile(zipped(apple())[:40], "a broken zip archive"),
    "zip with a flaw": Hostile(
        lambda: (lambda whole: whole[:90] + b"\xff" * 40 + whole[130:])(zipped(apple())),
        "a broken zip",
    ),
    "zip bomb": Hostile(
        lambda: zipped(b"<HealthData>" + b" " * 50_000_000, compresslevel=1),
        "promise to become 5000001",
    ),
    "zip that lies": Hostile(
        lambda: edited(
            zipped(b"<HealthData>" + b" " * 3_000_000),
            (3_000_012).to_bytes(4, "little"),
            (20_000).to_bytes(4, "little"),
        ),
        "a broken zip|cut off|promise",
    ),
    "zip of many members": Hostile(many_members, "too many files; give the export.xml"),
    "zip with a password": Hostile(
        lambda: edited(
            zipped(apple()), b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
        ),
        "with a password; unzip it",
    ),
    "zip by LZMA": Hostile(
        zipped(apple(), compression=zipfile.ZIP_LZMA), "unusual kind; give the export.xml"
    ),
    "gigabyte after a zip": Hostile(zipped(apple()), "a broken zip archive", GIGABYTE),
}
RECORDS = {
    "FHIR cut off": Hostile(lambda: json.dumps(fhir_observation())[:-9], "not JSON"),
    "FHIR patient": Hostile({"resourceType": "Patient"}, "no hearing thresholds .* LOINC codes"),
    "FHIR empty bundle": Hostile({"resourceType": "Bundle"}, "no hearing thresholds"),
    "FHIR entry as text": Hostile(
        {"resourceType": "Bundle", "entry": ["x"]}, "entry must be an obj"
    ),
    "FHIR retracted": Hostile(fhir_observation(status="entered-in-error"), "no hearing thresholds"),
    "FHIR one ear": Hostile(
        fhir_observation(component=[fhir_threshold("left", hz, 40) for hz in CODES["left"]]),
        "right ear is missing; add it, or give --other-ear same",
    ),
    "FHIR other ear": Hostile(
        coding(display="Hearing threshold Ear - right --500 Hz"), "do not agree; correct one"
    ),
    "FHIR other frequency": Hostile(
        coding(display="Hearing threshold Ear - left --1000 Hz"),
        "left ear at 500 Hz.* do not agree",
    ),
    "FHIR noise": Hostile(coding(display="Peak sound level"), "its display is 'Peak sound level'"),
    "FHIR other text": Hostile(
        fhir(lambda item: item["code"].update(text="Hearing threshold Ear - right --500 Hz")),  # type: ignore[attr-defined]
        "do not agree",
    ),
    "FHIR other words": Hostile(coding(display="right ear, 500 Hz"), "do not agree; correct one"),
    "FHIR both ears": Hostile(coding(display="left and right, 500 Hz"), "but its display is 'left"),
    "FHIR two frequencies": Hostile(
        fhir_observation(
            component=[{"code": {"coding": [{"code": "frequency"}]}, "valueQuantity": {"value": 1}}]
            * 2
        ),
        "frequency is given twice; give each frequency its Observation",
    ),
    "FHIR two codes": Hostile(
        fhir(
            lambda item: item["code"]["coding"].append(  # type: ignore[index]
                {"system": "http://loinc.org", "code": "89025-1"}
            )
        ),
        "do not agree",
    ),
    "FHIR dB SPL": Hostile(
        quantity(code="dB[SPL]"), "must be in dB .hearing level., got 'dB.SPL.'"
    ),
    "FHIR no unit": Hostile(
        fhir(lambda item: item.update(valueQuantity={"value": 4})), "got no unit"
    ),
    "FHIR text value": Hostile(quantity(value="40"), "must be a number, got the text '40'"),
    "FHIR 400 dB": Hostile(quantity(value=400), "Observation 1: 400 dB HL at 500 Hz is outside"),
    "FHIR 1e999": Hostile(
        lambda: json.dumps(fhir_observation()).replace("40", "1e999", 1), "inf dB HL at 500 Hz"
    ),
    "FHIR comparator": Hostile(quantity(comparator="~"), "comparator at 500 Hz must be <, <=, >="),
    "FHIR valueString": Hostile(
        fhir(lambda item: item.update(valueString=str(item.pop("valueQuantity")))),
        "has 'valueString'; it needs a valueQuantity in dB",
    ),
    "FHIR twice": Hostile(
        fhir_observation(component=[fhir_threshold("left", 500, level) for level in (40, 50)]),
        "left ear has 500 Hz twice at the same time; keep one",
    ),
    "FHIR date": Hostile(fhir_observation(effectiveDateTime="yesterday"), "'yesterday' is no date"),
    "FHIR codings as text": Hostile(
        fhir(lambda item: item["code"].update(coding="x")),  # type: ignore[attr-defined]
        "coding must be a list, got the text",
    ),
    "FHIR many": Hostile(
        lambda: {"resourceType": "Bundle", "entry": [{}] * 900_000}, "no hearing thresholds"
    ),
}
TABLES = {
    "a letter": Hostile(
        "Dear doctor,\nI hear badly.\n", "there is no table in it, whose first line"
    ),
    "only comments": Hostile("# nothing\n", "there is no table in it"),
    "bone conduction": Hostile(LONG.replace("left", "left_bone"), "line 1: the column 'left_bone"),
    "dB SPL": Hostile(
        LONG.replace("left_db_hl", "left_db_spl"), "'left_db_spl' is not known; give"
    ),
    "two left ears": Hostile(
        LONG.replace("right", "left"), "line 1: no table .*; its first line must"
    ),
    "no frequencies": Hostile("left,right\n20,20\n", "no table of thresholds; its first line must"),
    "other words": Hostile("ear,frequency,level\nboth,250,20\n", "line 2: 'both' where an ear is"),
    "no ear": Hostile(
        WIDE.replace("right", ""), "line 3: '' where an ear is expected: left or right"
    ),
    "ear in two rows": Hostile(
        WIDE.replace("right", "L"), "line 3: the left ear is given twice; keep"
    ),
    "table for one ear": Hostile("\n".join(WIDE.splitlines()[:2]), "right ear is missing; add it"),
    "words in a table": Hostile(
        LONG.replace("35", "ok"), "line 3: 'ok' at 1000 Hz, where dB HL are"
    ),
    "unit in a table": Hostile(LONG.replace("35", "35 dB SPL"), "line 3: '35 dB SPL' at 1000 Hz"),
    "nan in a table": Hostile(LONG.replace("35", "nan"), "line 3: 'nan' at 1000 Hz, where"),
    "1e999 in a table": Hostile(LONG.replace("35", "1e999"), "line 3: inf dB HL at 1000 Hz is out"),
    "formula": Hostile(LONG.replace("35", "=1+1"), "line 3: '=1.1' at 1000 Hz, where dB HL"),
    "777": Hostile(LONG.replace("35", "777"), "line 3: 777 dB HL at 1000 Hz is outside"),
    "row twice": Hostile(LONG + "1000,35,30\n", "the left ear: 1000 Hz is given twice; keep one"),
    "20 Hz in a table": Hostile(LONG.replace("250", "20"), "line 2: 20 Hz is outside 125 to 16000"),
    "decimal comma": Hostile(
        LONG.replace("35", "35,5"), "line 3 has 4 cells.* decimal comma needs ;"
    ),
    "open quote": Hostile(LONG.replace("35", '"35'), "line 3: .*; mend the quotes"),
    "quotes within": Hostile(LONG.replace("35", '"3"5'), "line 3: .*; mend the quotes"),
    "endless digits": Hostile(LONG.replace("35", "9" * 5000), "line 3: '9999.* where dB HL are"),
    "endless line": Hostile(
        lambda: LONG.replace("35", "9" * 3_000_000), "line 3 has 3000008 letters"
    ),
    "endless cells": Hostile(lambda: LONG + "," * 9000, "line 5 has 9001 cells; give at most 200"),
    "endless lines": Hostile(
        lambda: LONG + "1,1,1\n" * 500_000, "500004 lines; give a table of at"
    ),
    "endless blanks": Hostile(lambda: LONG + "\n" * 3_900_000, "3900004 lines; give a table"),
    "escapes": Hostile(LONG.replace("left", "\x1b[2J"), r"line 1: '\\x1b.* where a frequency"),
    "cut table": Hostile(LONG[:46], "at least 3 points, got 1"),
    "gigabyte after a table": Hostile(LONG, "larger than 4000000 bytes", GIGABYTE),
    "padded table": Hostile(lambda: LONG + " " * 60_000_000, "larger than 4000000 bytes"),
}
HOSTILE = {**OURS, **CHALLENGE, **APPLE, **ZIPS, **RECORDS, **TABLES}


def largest_memory() -> int:
    """In kB, of this program; that of `resource` begins with its parent's."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def main(folder: Path) -> None:
    """Read each file, and print the seconds, the largest memory so far in kB, and its name."""
    for path in sorted(folder.iterdir()):
        begun = time.perf_counter()
        try:
            read_listener(path)
        except BadDataError:
            seconds = time.perf_counter() - begun
            print(f"{seconds:.4f}\t{largest_memory()}\t{path.name}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
