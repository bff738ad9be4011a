import io
import json
import os
import threading
import zipfile

import pytest
from hostile_audiograms import DOCUMENT_TYPE, apple_export, apple_point, zipped

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.formats.apple_health import health_export
from hclarity.hearing.formats.audiometry import Point
from hclarity.hearing.formats.healthkit import clamped
from hclarity.hearing.formats.moments import moment
from hclarity.hearing.formats.reading import read_listener, read_listeners

HZ = (500, 1000, 2000, 4000)
NEW, OLD = "2026-01-15 10:10:00 +0000", "2024-03-02 09:00:00 +0100"


def points(left, right=None):
    return "".join(apple_point(hz, left, left if right is None else right) for hz in HZ)


@pytest.fixture
def written(tmp_path):
    def write(content, name="anything"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_an_export(written):
    reading = read_listener(written(apple_export((NEW, points(35, 40)))))
    assert (reading.format, reading.notes) == ("Apple Health", ())
    assert reading.listener.left == Audiogram(HZ, (35, 35, 35, 35))
    assert reading.listener.right == Audiogram(HZ, (40, 40, 40, 40))
    assert reading.listener.name == ""


@pytest.mark.parametrize("name", ["export.xml", "exportar.xml", "apple_health_export/导出.xml"])
def test_a_zipped_export_whatever_its_language(written, name):
    text = apple_export((NEW, points(35)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument/>")
        archive.writestr("apple_health_export/workout-routes/export.xml", "<gpx/>")
        archive.writestr(name, text)
        archive.writestr("apple_health_export/electrocardiograms/ecg.csv", "a,b")
    assert read_listener(written(file.getvalue())) == read_listener(written(text, "plain"))


def test_the_newest_counts_and_a_date_chooses(written):
    tests = [(OLD, points(10)), (NEW, points(35)), ("2024-03-05 09:00:00 +0100", points(20))]
    path = written(apple_export(*tests))
    reading = read_listener(path)
    assert reading.listener.left.thresholds[0] == 35
    assert reading.notes == (
        f"3 audiograms, the newest taken, of '{NEW}'; choose another by its date,"
        " as --listener '2024-03-05'",
    )
    assert read_listeners(path) == [reading]
    for date, level in (("2024-03-02", 10), ("2024", 20), (NEW, 35)):
        chosen = read_listener(path, date)
        assert (chosen.listener.left.thresholds[0], chosen.notes) == (level, ())
    with pytest.raises(UsageError, match=f"no audiogram of '2025'; there are '{NEW[:10]}"):
        read_listener(path, "2025")


def test_dates_are_compared_as_moments_and_not_as_text(written):
    later = "2026-01-15 10:00:00 -0500"
    path = written(apple_export((later, points(20)), ("2026-01-15 12:00:00 +0100", points(10))))
    assert read_listener(path).listener.left.thresholds[0] == 20


def test_a_broken_test_harms_only_who_asks_for_it(written):
    path = written(apple_export((OLD, apple_point(30)), (NEW, points(35))))
    assert read_listener(path).listener.left.thresholds[0] == 35
    with pytest.raises(BadDataError, match="hearing test 1: 30 Hz is outside"):
        read_listener(path, OLD[:10])


def test_an_ear_may_have_points_of_its_own(written):
    some = apple_point(8000, 60, "", rightEarUnit="") + apple_point(6000, "", 70, leftEarUnit="")
    listener = read_listener(written(apple_export((NEW, points(35) + some)))).listener
    assert listener.left.frequencies == (*HZ, 8000)
    assert listener.right.frequencies == (*HZ, 6000)


def test_frequencies_in_kilohertz(written):
    some = points(35) + apple_point("1.5", 20, frequencyUnit="kHz")
    listener = read_listener(written(apple_export((NEW, some)))).listener
    assert listener.left.threshold_at(1500) == 20


def test_clamped_and_masked_points(written):
    some = (
        apple_point(6000, 85, leftEarClampingRangeUpperBound="85", rightEarMasked="YES")
        + apple_point(8000, 90, leftEarClampingRangeUpperBound="85")
        + apple_point(250, -5, leftEarClampingRangeLowerBound="0")
    )
    reading = read_listener(written(apple_export((NEW, points(35) + some))))
    assert reading.listener.left.thresholds == (0, 35, 35, 35, 35, 90, 90)
    assert reading.listener.left.no_response == {6000: 85, 8000: 85}
    assert reading.notes[:2] == (
        "left ear: no response at 6000, 8000 Hz, 90, 90 dB HL taken, 5 dB above the loudest tone",
        "left ear: hears at least as well at 250 Hz as the 0 dB HL taken",
    )


@pytest.mark.parametrize(
    ("level", "lowest", "highest", "meant"),
    [
        (40, None, None, Point(500, 40)),
        (40, 0, 85, Point(500, 40)),
        (85, 0, 85, Point(500, 85, "none")),
        (99, None, 85, Point(500, 85, "none")),
        (0, 0, 85, Point(500, 0, "at most")),
        (-9, 0, None, Point(500, 0, "at most")),
    ],
)
def test_what_a_clamped_level_means(level, lowest, highest, meant):
    assert clamped(500, level, lowest, highest) == meant


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 100_000])
@pytest.mark.parametrize("filler", ["", "x" * 70_000])
def test_it_does_not_matter_where_the_chunks_end(size, filler):
    """Chunks may cut a tag anywhere; the first holds the beginning of the root."""
    tests = [(f"2020-01-{day:02} 10:00:00 +0000", points(day)) for day in range(1, 8)]
    text = apple_export(*tests, end=f"<!--{filler}--></HealthData>\n").encode()
    root = len(DOCUMENT_TYPE) + 40
    pieces = [text[:root], *(text[at : at + size] for at in range(root, len(text), size))]
    if size < 64 and filler:
        return  # slow and no different
    found = health_export(pieces)
    assert [one.date for one in found.tests] == [date for date, _ in tests]
    assert [one.read().left[0].db_hl for one in found.tests] == list(range(1, 8))


def test_a_test_near_the_end_of_a_large_export(written):
    records = "".join(
        f'<Record type="StepCount" value="{step * 7919}"/>\n' for step in range(150_000)
    )
    text = apple_export((NEW, points(35))).replace("<Audiogram", f"{records}<Audiogram")
    assert len(text) > 5_000_000
    assert read_listener(written(text)).listener.left.thresholds[0] == 35
    assert read_listener(written(zipped(text))).listener.left.thresholds[0] == 35


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_an_export_by_another_process(tmp_path):
    """A pipe cannot be sought in."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = apple_export((NEW, points(35)))
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    assert read_listener(pipe).listener.left.thresholds[0] == 35
    writer.join()


SAMPLE = {
    "sensitivityPoints": [
        {"frequency": hz, "leftEarSensitivity": 20, "rightEarSensitivity": 25} for hz in HZ
    ]
}


@pytest.mark.parametrize(
    "content",
    [
        SAMPLE,
        {"identifier": "HKDataTypeIdentifierAudiogram", "harmonized": SAMPLE},
        [SAMPLE],
        [{**SAMPLE, "endDate": "2026-01-15T10:00:00Z"}, {**SAMPLE, "endTimestamp": 1.5e9}],
        [{"harmonized": SAMPLE, "endTimestamp": 1}, {"harmonized": SAMPLE, "endTimestamp": 2}],
    ],
)
def test_samples_dumped_as_json(written, content):
    reading = read_listener(written(json.dumps(content)))
    assert reading.format == "Apple Health"
    assert reading.listener.left == Audiogram(HZ, (20, 20, 20, 20))
    assert reading.listener.right == Audiogram(HZ, (25, 25, 25, 25))
    assert len(reading.notes) == (isinstance(content, list) and len(content) > 1)


def test_a_dump_of_one_ear(written):
    one = [{"frequency": hz, "rightEarSensitivity": 25, "leftEarSensitivity": None} for hz in HZ]
    path = written(json.dumps({"sensitivityPoints": one}))
    assert read_listener(path, other_ear="same").listener.left.thresholds == (25, 25, 25, 25)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026", "2026-01-01T00:00:00+00:00"),
        ("2026-03", "2026-03-01T00:00:00+00:00"),
        ("2026-03-04", "2026-03-04T00:00:00+00:00"),
        ("2026-03-04T05:06", "2026-03-04T05:06:00+00:00"),
        ("2026-03-04T05:06:07.891Z", "2026-03-04T05:06:07+00:00"),
        ("2026-03-04 05:06:07 -0330", "2026-03-04T05:06:07-03:30"),
    ],
)
def test_moments(text, iso):
    assert moment(text).isoformat() == iso


@pytest.mark.parametrize(
    "text", ["", "today", "2026-02-30", "26-01-01", "2026-01-01T99:00", "٢٠٢٦"]
)
def test_no_moments(text):
    with pytest.raises(BadDataError, match="is no date such as 2026-01-15"):
        moment(text)
