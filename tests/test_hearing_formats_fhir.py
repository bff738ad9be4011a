import json

import pytest
from hostile_audiograms import CODES, fhir_observation, fhir_threshold

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.formats.fhir import LOINC_CODES
from hclarity.hearing.formats.reading import read_listener, read_listeners

HZ = (500, 1000, 2000, 4000)
FORTY = Audiogram(HZ, (40, 40, 40, 40))


@pytest.fixture
def read(tmp_path):
    def read(content, *words):
        path = tmp_path / "record"
        path.write_text(json.dumps(content))
        return read_listener(path, *words)

    return read


def bundle(*resources):
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


def single(side, hz, level, **changes):
    return {
        "resourceType": "Observation",
        "status": "final",
        **fhir_threshold(side, hz, level),
        **changes,
    }


def singles(level=40, **changes):
    return [single(side, hz, level, **changes) for side, codes in CODES.items() for hz in codes]


@pytest.mark.parametrize("content", [fhir_observation(), bundle(*singles()), singles()])
def test_thresholds_as_observations_or_components(read, content):
    reading = read(content)
    assert (reading.format, reading.notes) == ("FHIR", ())
    assert reading.listener.left == reading.listener.right == FORTY


def test_the_codes_are_those_that_were_confirmed():
    assert len(LOINC_CODES) == len(set(LOINC_CODES.values())) == 15
    assert LOINC_CODES["89024-4"] == ("left", 500)
    assert LOINC_CODES["89029-3"] == ("right", 8000)


def test_a_code_without_a_display_is_enough(read):
    observation = fhir_observation()
    for component in observation["component"]:
        del component["code"]["coding"][0]["display"]
    assert read(observation).listener.left == FORTY


@pytest.mark.parametrize("place", ["display", "text"])
def test_a_code_that_is_not_confirmed_counts_by_its_name(read, place):
    name = "Hearing threshold Ear - right --250 Hz"
    code = {"coding": [{"system": "http://loinc.org", "code": "91374-9"}]}
    if place == "display":
        code["coding"][0]["display"] = name
    else:
        code["text"] = name
    more = {**fhir_threshold("right", 500, 20), "code": code}
    observation = fhir_observation()
    observation["component"].append(more)
    assert read(observation).listener.right.threshold_at(250) == 20
    del more["code"]["coding"][0]["code"]
    assert read(observation).listener.right.threshold_at(250) == 20


@pytest.mark.parametrize(
    "shown", ["Left ear, pure tone at 500 Hz", "0.5 kHz left", "hearing threshold LEFT 500HZ"]
)
def test_a_display_may_agree_in_other_words(read, shown):
    observation = fhir_observation()
    observation["component"][0]["code"]["coding"][0]["display"] = shown
    assert read(observation).listener.left == FORTY


def test_other_observations_are_passed_over(read):
    weight = {
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "valueQuantity": {"value": 80, "unit": "kg"},
    }
    patient = {"resourceType": "Patient", "name": [{"text": "Ada Lovelace"}]}
    reading = read(bundle(patient, weight, *singles()))
    assert reading.listener.left == FORTY
    assert reading.listener.name == ""


def test_a_code_of_another_system_is_another_code(read):
    odd = fhir_threshold("left", 500, 90)
    odd["code"]["coding"][0] = {"system": "http://example.org", "code": "89024-4"}
    observation = fhir_observation()
    observation["component"].append(odd)
    assert read(observation).listener.left == FORTY


def test_the_newest_of_each_threshold(read):
    old = singles(20, effectiveDateTime="2020-11-06T10:45:00-05:00")
    new = single("left", 500, 70, effectiveDateTime="2024-02")
    later = single("left", 1000, 60, effectivePeriod={"start": "2023", "end": "2024-01-05"})
    reading = read(bundle(new, *old, later))
    assert reading.listener.left.thresholds == (70, 60, 20, 20)
    assert reading.notes[0] == (
        "some thresholds were measured several times: the newest taken, of 2024-02-01"
    )


def test_a_dated_one_is_newer_than_one_without(read):
    dated = single("left", 500, 50, effectiveInstant="1999-01-01T00:00:00Z")
    assert read([dated, *singles()]).listener.left.thresholds[0] == 50


def test_comparators_and_absent_values(read):
    absent = {"dataAbsentReason": {"text": "not performed"}}
    observation = fhir_observation()
    left = observation["component"][:4]
    left[0]["valueQuantity"]["comparator"] = "<"
    left[3]["valueQuantity"] |= {"value": 110, "comparator": ">"}
    missing = {"code": fhir_threshold("right", 500, 1)["code"], **absent}
    observation["component"][4] = missing
    reading = read(observation)
    assert reading.listener.left == Audiogram(HZ, (40, 40, 40, 115), {4000: 110})
    assert reading.listener.right.frequencies == (1000, 2000, 4000)
    assert reading.notes == (
        "left ear: no response at 4000 Hz, 115 dB HL taken, 5 dB above the loudest tone",
        "left ear: hears at least as well at 500 Hz as the 40 dB HL taken",
        "right ear: no threshold could be obtained at 500 Hz; left out",
        "right ear: no threshold at 500 Hz, taken from the frequencies beside",
    )


@pytest.mark.parametrize("unit", ["dB", "dB[HL]", "dBHL", "dB HL"])
def test_units_of_hearing_level(read, unit):
    observation = fhir_observation()
    observation["component"][0]["valueQuantity"] = {"value": 40, "unit": unit}
    assert read(observation).listener.left == FORTY


def test_retracted_observations_are_left_out(read):
    wrong = single("left", 500, 90, status="entered-in-error")
    reading = read([*singles(), wrong])
    assert reading.listener.left == FORTY
    assert reading.notes == ("retracted Observations left out: 1",)


def test_patients_are_not_mixed(read, tmp_path):
    ada = {"subject": {"reference": "Patient/1", "display": "Ada Lovelace"}}
    bob = {"subject": {"reference": "Patient/2"}}
    content = bundle(*singles(40, **ada), *singles(20, **bob))
    with pytest.raises(UsageError, match=r"2 listeners, .* --listener: 'Patient/1', 'Patient/2'"):
        read(content)
    reading = read(content, "Patient/2")
    assert reading.listener.left.thresholds == (20, 20, 20, 20)
    assert reading.listener.name == ""
    both = read_listeners(tmp_path / "record")
    assert [one.listener.left.thresholds[0] for one in both] == [40, 20]


def health_record(hz, left, right, **changes):
    def component(code, value, unit):
        return {
            "code": {"coding": [{"code": code}]},
            "valueQuantity": {"value": value, "code": unit},
        }

    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"code": "hearingSensitivity"}]},
        "effectivePeriod": {"start": "2023-12-01T05:33:42Z", "end": "2023-12-01T05:35:22Z"},
        "component": [
            component("frequency", hz, "Hz"),
            *([component("leftEarSensitivity", left, "dB")] if left is not None else []),
            *([component("rightEarSensitivity", right, "dB")] if right is not None else []),
        ],
        **changes,
    }


def test_the_shape_of_personal_health_records(read):
    parent = {"resourceType": "Observation", "code": {"coding": [{"code": "Audiogram"}]}}
    points = [health_record(hz, 30, 35) for hz in HZ] + [health_record(8000, 60, None)]
    listener = read(bundle(parent, *points)).listener
    assert listener.left == Audiogram((*HZ, 8000), (30, 30, 30, 30, 60))
    assert listener.right == Audiogram(HZ, (35, 35, 35, 35))


def test_only_retracted_observations(read):
    with pytest.raises(BadDataError, match=r"thresholds but retracted ones \(.*: 8\)"):
        read(bundle(*singles(status="entered-in-error")))


def test_preliminary_results_are_told(read):
    told = "some of it is preliminary, not final; ask for the final results"
    assert told in read(bundle(*singles(status="preliminary"))).notes
    assert told not in read(bundle(*singles(status="final"))).notes


def test_a_body_site_that_is_the_other_ear(read):
    site = {"text": "Structure of right ear"}
    with pytest.raises(
        BadDataError, match="bodySite is 'Structure of right ear', the threshold at"
    ):
        read(bundle(single("left", 500, 40, bodySite=site)))
