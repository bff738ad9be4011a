"""Texts to begin with: audiograms, gains, plans, reports, records, cards, recipes, journals."""

import json
from dataclasses import asdict

from hostile_audiograms import (
    APPLE_POINTS,
    CADENZA,
    EAR,
    LONG,
    SENSITIVITY,
    WIDE,
    apple_export,
    fhir_observation,
    zipped,
)
from registry_cards import CARD

from fuzz import ROOT
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.wdrc import EarCompression, Wdrc
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.plan_file import plan_document, plan_text
from hclarity.separation.record import SeparationRecord

__all__ = [
    "audiograms",
    "cards",
    "gain_tables",
    "journals",
    "plans",
    "recipes",
    "records",
    "reports",
    "stem_gains",
    "typed",
]

_WESTERN = """# Für Zoë
Hz;left;right
250;20,5;NR 110
1000;35;CNT
2000;50;45
4000;60;55
8000;60;NR
"""
_TEST = ("2026-01-15 10:10:00 +0000", APPLE_POINTS)


def audiograms() -> dict[str, bytes]:
    """One of every format."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": fhir_observation()}]}
    points = [{**SENSITIVITY, "frequency": hz} for hz in (500, 1000, 4000)]
    dump = [{"sensitivityPoints": points, "endDate": "2026-01-15"}] * 2
    return {
        "ours": _json({"name": "Ada", "left": {**EAR, "8000": "NR 110"}, "right": EAR}),
        "cadenza": _json({"L1": CADENZA, "L2": CADENZA}),
        "fhir": _json(bundle),
        "dump": _json(dump),
        "export": apple_export(_TEST, _TEST).encode(),
        "zip": zipped(apple_export(_TEST)),
        "stored": zipped(apple_export(_TEST), compression=0),
        "wide": WIDE.encode(),
        "long": LONG.encode(),
        "utf16": LONG.encode("utf-16"),
        "western": _WESTERN.encode("cp1252"),
    }


def typed() -> dict[str, bytes]:
    """As on the command line."""
    return {
        "two": b"right=250:20,500:25,1000:30,4000:55;left=250:25,500:40,4000:NR 110",
        "both": b"both=250 Hz:20 dB,0.5k:35.5,4 kHz:60",
    }


def stem_gains() -> dict[str, bytes]:
    """One set, and two by their ids."""
    one = {"vocals": 3, "drums": -2.5}
    return {"one": _json(one), "sets": _json({"gain_0001": one})}


def gain_tables() -> dict[str, bytes]:
    """Both forms."""
    table = {"left_db_at_hz": {"500": 10, "2000": 18}, "right_db_at_hz": {"500": 8, "2000": 15}}
    csv = "frequency_hz,left_gain_db,right_gain_db\n500,10,8\n2000,18,15\n"
    return {"json": _json(table), "csv": csv.encode(), "tabs": csv.replace(",", "\t").encode()}


def plans() -> dict[str, bytes]:
    """With and without compression."""
    return {name: plan_text(plan).encode() for name, plan in _plans().items()}


def reports() -> dict[str, bytes]:
    """As `remix` leaves them, with all that is read of them."""
    return {name: _json(_report(plan)) for name, plan in _plans().items()}


def records() -> dict[str, bytes]:
    """As `separate` leaves them."""
    record = SeparationRecord(
        song="song.flac",
        song_sha256="cd" * 32,
        model="demucs",
        weights="bundled",
        sha256="ab" * 32,
        making="ef" * 32,
        stems=("drums", "bass", "other", "vocals"),
        rest="",
        complete=True,
        filename="{track}/{stem}.{ext}",
        sample_rate=16000,
        channels=1,
        frames=1234567,
        chunk_seconds=10.0,
        overlap=0.25,
        encoding="flac 24",
        device="cpu",
        engine="openvino",
        precision="bf16",
        version="0.1.0",
    )
    flat = {**asdict(record), "filename": "{track} - {stem}.{ext}", "rest": "no_drums"}
    return {"plain": record.to_json().encode(), "flat": _json(flat)}


def cards() -> dict[str, bytes]:
    """A small one with everything, and some that come with hclarity."""
    ours = {path.parent.name: path for path in sorted(ROOT.glob("models/*/card.toml"))[::6]}
    return {"tiny": CARD.encode(), **{name: path.read_bytes() for name, path in ours.items()}}


def recipes() -> dict[str, bytes]:
    """Some that come with hclarity, but for those that extend others."""
    found = {path: path.read_bytes() for path in sorted(ROOT.glob("models/*/*.toml"))}
    return {
        f"{path.parent.name}-{path.stem}": content
        for path, content in found.items()
        if path.name != "card.toml" and b"extends" not in content
    }


def journals() -> dict[str, bytes]:
    """Whole, and cut within its last line."""
    lines = b"".join(
        _json({"key": f"{number:064x}", "when": "2026-01-31", "of": {"a": number}, "result": [1.5]})
        + b"\n"
        for number in range(3)
    )
    return {"whole": lines, "cut": lines[:-40]}


def _plans() -> dict[str, GainPlan]:
    ear = InsertionGains((500.0, 2000.0), (10.0, 18.5))
    bands = EarCompression((1.0, 2.0), (0.0, 6.0))
    wdrc = Wdrc((1000.0,), (50.0, 60.0), (0.011,) * 2, (0.1,) * 2, -20.0, bands, bands)
    plain = GainPlan({"vocals": 3.0}, ear, ear, loudness=-16.0)
    return {"plain": plain, "compressed": GainPlan({}, ear, ear, wdrc=wdrc)}


def _report(plan: GainPlan) -> dict[str, object]:
    return {
        "plan": plan_document(plan),
        "encoding": "flac 24",
        "sources": {"files": [{"sha256": "ab" * 32}]},
        "files": {"remix": "song.flac", "before": ["song.mp3"], "plot": None},
        "listening": {"full_scale_spl": 100, "weekly_dose_percent": 20.5},
    }


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
