import json
import random
import subprocess
import sys
from pathlib import Path

import hostile_audiograms
import pytest
from hostile_audiograms import (
    APPLE_POINTS,
    CADENZA,
    EAR,
    HOSTILE,
    LONG,
    SENSITIVITY,
    WIDE,
    apple_export,
    fhir_observation,
    zipped,
)

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.formats.reading import read_listener

SECONDS, MEGABYTES = 2.0, 300.0


def test_the_corpus_is_as_large_as_promised():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_one_line_that_says_why(tmp_path, name):
    hostile = HOSTILE[name]
    path = tmp_path / "me"  # no suffix: content alone counts
    hostile.write(path)
    with pytest.raises(hostile.error, match=hostile.complaint) as caught:
        read_listener(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    assert len(message) < len(str(path)) + 260


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is asked of /proc")
def test_it_takes_neither_long_nor_much(tmp_path):
    for name, hostile in HOSTILE.items():
        hostile.write(tmp_path / name.replace("/", " per "))
    program = [sys.executable, str(Path(hostile_audiograms.__file__)), str(tmp_path)]
    run = subprocess.run(program, capture_output=True, text=True, check=True)
    measured = [line.split("\t") for line in run.stdout.splitlines()]
    assert len(measured) == len(HOSTILE)
    for seconds, kilobytes, name in measured:
        assert float(seconds) < SECONDS, name
        assert int(kilobytes) < MEGABYTES * 1024, name


# --- files that nobody thought of: broken at random -----------------------------------------------

TEST = ("2026-01-15 10:10:00 +0000", APPLE_POINTS)
DOCUMENTS = {
    "ours": {"name": "Ada", "left": {**EAR, "8000": "NR 110"}, "right": EAR},
    "Cadenza": {"L1": CADENZA, "L2": CADENZA},
    "a dump": [{"sensitivityPoints": [SENSITIVITY] * 3, "endDate": "2026-01-15"}] * 2,
    "FHIR": {
        "resourceType": "Bundle",
        "entry": [
            {
                "resource": fhir_observation(
                    subject={"reference": "Patient/1"}, effectiveDateTime="2026-01-15"
                )
            }
        ],
    },
    "FHIR period": fhir_observation(
        effectivePeriod={"end": "2026"},
        component=[
            {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": 500, "code": unit}}
            for code, unit in (("frequency", "Hz"), ("leftEarSensitivity", "dB"))
        ],
    ),
}
FILES = {
    **{name: json.dumps(content).encode() for name, content in DOCUMENTS.items()},
    "export": apple_export(TEST, TEST).encode(),
    "zip": zipped(apple_export(TEST)),
    "wide": WIDE.encode(),
    "long": LONG.encode("utf-16"),
}
ODD_VALUES = (None, True, [], {}, "", "x", "NR", 1e300, -1.0, [[]], [{}], {"value": "x"}, 7)


def read_or_refuse(path):
    """Anything but a reading or a refusal of one line is an error of ours."""
    try:
        lines = read_listener(path, other_ear="same").notes
    except (BadDataError, UsageError) as error:
        lines = (str(error).removeprefix(f"{path}: "),)
    assert all(line.isprintable() and str(path) not in line for line in lines)


@pytest.mark.parametrize("name", FILES)
def test_bytes_broken_at_random(tmp_path, name):
    path, chance = tmp_path / "me", random.Random(name)
    for _ in range(250):
        path.write_bytes(broken(bytearray(FILES[name]), chance))
        read_or_refuse(path)


def broken(content, chance):
    """Some bytes changed, removed or repeated."""
    for _ in range(chance.randint(1, 4)):
        at, many = chance.randrange(len(content)), chance.randint(1, 9)
        match chance.randrange(4):
            case 0:
                content[at] = chance.randrange(256)
            case 1:
                content[at] = chance.choice(b'0123456789,;.-"{}[]<>/&\0\n')
            case 2:
                del content[at : at + many]
            case 3:
                content[at:at] = content[:many]
    return content


@pytest.mark.parametrize("name", FILES)
def test_files_cut_anywhere(tmp_path, name):
    path = tmp_path / "me"
    for end in range(0, len(FILES[name]), 1 + len(FILES[name]) // 300):
        path.write_bytes(FILES[name][:end])
        read_or_refuse(path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_values_of_another_kind_anywhere(tmp_path, name):
    path = tmp_path / "me"
    for place in places(DOCUMENTS[name]):
        for value in ODD_VALUES:
            content = json.loads(json.dumps(DOCUMENTS[name]))
            inner = content
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
            path.write_text(json.dumps(content))
            read_or_refuse(path)


def places(content, at=()):
    """The way to each value within a document."""
    if not isinstance(content, dict | list):
        return
    for key in content if isinstance(content, dict) else range(min(2, len(content))):
        yield (*at, key)
        yield from places(content[key], (*at, key))
