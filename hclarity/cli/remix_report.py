"""What is kept of a remix: the plan, what was measured, what it was made of and by what."""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import hclarity
from hclarity.cli.output import document_text
from hclarity.cli.remix_job import RemixJob
from hclarity.remixing.plan_file import plan_document
from hclarity.remixing.remixer import RemixReport
from hclarity.remixing.safety import Safety, turn_up_db

__all__ = ["report_text"]

_LIBRARIES = ("numpy", "scipy", "soundfile", "soxr", "av")


def report_text(job: RemixJob, report: RemixReport) -> str:
    """All that is known of a remix, as JSON; never whose ears it is for."""
    safety = job.order.safety
    result = {
        **asdict(report),
        "left_gains_db": {f"{hz:g}": gain for hz, gain in report.left_gains_db.items()},
        "right_gains_db": {f"{hz:g}": gain for hz, gain in report.right_gains_db.items()},
        "gain_removed_db": report.gain_removed_db,
        "given_up_db": report.given_up_db,
    }
    return document_text(
        {
            "files": _files(job),
            "encoding": job.order.encoding.words,
            "plan": plan_document(job.plan),
            "result": _rounded(result),
            "listening": None if safety is None else _rounded(_listening(report, safety)),
            "sources": _sources(job),
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
        "turn_up_db": turn_up_db(report, safety),
    }


def _rounded(values: Mapping[str, object]) -> dict[str, object]:
    """Measurements to two decimals: more would be read as more than they are."""
    told: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            told[name] = _rounded(value)
        else:
            told[name] = round(value, 2) if isinstance(value, float) else value
    return told


def _files(job: RemixJob) -> Mapping[str, object]:
    """What is ours under this name, and may be replaced by another remix."""
    remix, plot = job.files["remix"], job.files.get("plot")
    before = [remix.with_name(name) for name in (job.earlier.audio if job.earlier else ())]
    return {
        "remix": remix.name,
        "before": [file.name for file in before if file != remix and file.exists()],
        "plot": plot and plot.name,
        "page": job.page_digest,
    }


def _sources(job: RemixJob) -> Mapping[str, object]:
    """Files by their names, without folders, and the model that made the stems."""
    record = job.sources.record
    files = zip(job.sources.files, job.digests, strict=True)
    return {
        "files": [{"name": path.name, "sha256": digest} for path, digest in files],
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
