"""What is kept of a remix: the plan, what was measured, what it was made of and by what."""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import hclarity
from hclarity.cli.output import document_text
from hclarity.cli.sources import Sources
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.plan_file import plan_document
from hclarity.remixing.remixer import RemixReport
from hclarity.remixing.safety import Safety

__all__ = ["report_text"]

_LIBRARIES = ("numpy", "scipy", "soundfile", "soxr", "av")


def report_text(
    plan: GainPlan, report: RemixReport, sources: Sources, safety: Safety | None
) -> str:
    """All that is known of a remix, as JSON; never whose ears it is for."""
    result = {
        **asdict(report),
        "left_gains_db": {f"{hz:g}": gain for hz, gain in report.left_gains_db.items()},
        "right_gains_db": {f"{hz:g}": gain for hz, gain in report.right_gains_db.items()},
        "gain_removed_db": report.gain_removed_db,
    }
    return document_text(
        {
            "plan": plan_document(plan),
            "result": result,
            "listening": None if safety is None else _listening(report, safety),
            "sources": _sources(sources),
            "software": _software(),
        }
    )


def _listening(report: RemixReport, safety: Safety) -> Mapping[str, object]:
    exposure = safety.exposure(report)
    return {
        "full_scale_spl": safety.full_scale_spl,
        "level_db_a": exposure.louder_db_a,
        "safe_hours_a_week": exposure.weekly_hours(),
        "planned_hours_a_week": safety.weekly_hours,
        "weekly_dose_percent": exposure.dose(),
    }


def _sources(sources: Sources) -> Mapping[str, object]:
    """Files by their names, without folders, and the model that made the stems."""
    record = sources.record
    return {
        "files": [path.name for path in sources.files],
        "song_sha256": record and record.song_sha256,
        "model": record
        and {
            "name": record.model,
            "weights": record.weights,
            "sha256": record.sha256,
            "making": record.making,
        },
    }


def _software() -> Mapping[str, object]:
    """What made it: this program, to the byte, and the libraries that compute."""
    package = Path(hclarity.__file__).parent
    digest = sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    libraries = {name: version(name) for name in _LIBRARIES}
    return {"hclarity": hclarity.__version__, "sha256": digest.hexdigest(), **libraries}
