"""A run of the fuzzer on one reader: its corpus made ready, its end understood."""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fuzz import ROOT
from fuzz.target import Target

__all__ = ["Outcome", "fuzzed"]

_CORPORA = ROOT / "runs" / "fuzz"  # kept, so that the next run goes on; git does not see it
_SECONDS = 5  # that a reader may take over one file
_MEGABYTES = 2048  # that the whole process may take, torch included
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{2,31}")
_MOST_WORDS = 400
_LAST_STATUS = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/")
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Args:
        executions: how many files were tried.
        coverage: how many edges of the code of hclarity and its parsers in Python were reached.
        corpus: how many files are kept, each of which reached something that no other did.
        failure: what the reader did that it should not, in the fuzzer's words; empty for nothing.
        file: on which it did so.
    """

    executions: int
    coverage: int
    corpus: int
    failure: str = ""
    file: Path | None = None


def fuzzed(target: Target, *, executions: int, seconds: int) -> Outcome:
    """Let the fuzzer try a reader until either is used up, or the reader fails."""
    folder = _CORPORA / target.name
    corpus, failures, words = folder / "corpus", folder / "failures", folder / "words"
    for each in (corpus, failures):
        each.mkdir(parents=True, exist_ok=True)
    before = set(failures.iterdir())
    _write_seeds(target, corpus)
    _write_words(target, words)
    options = {
        "runs": executions,
        "max_total_time": seconds,
        "timeout": _SECONDS,
        "rss_limit_mb": _MEGABYTES,
        "print_final_stats": 1,
        "dict": words,
        "artifact_prefix": f"{failures}/",
    }
    words_of_options = [f"-{name}={value}" for name, value in options.items()]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        command = [sys.executable, "-m", "fuzz.one", target.name, str(corpus), scratch]
        run = subprocess.run(
            [*command, *words_of_options],
            cwd=ROOT,
            stdout=subprocess.PIPE,  # Python's exceptions; libFuzzer says the rest on stderr
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    new = sorted(set(failures.iterdir()) - before)
    return _outcome(run.stdout, run.returncode, new[0] if new else None)


def _write_seeds(target: Target, corpus: Path) -> None:
    for name, content in target.seeds().items():
        (corpus / f"seed-{name.replace('/', ' ')}").write_bytes(content)
    for path in target.once_failed():
        (corpus / f"once-failed-{path.name}").write_bytes(path.read_bytes())


def _write_words(target: Target, path: Path) -> None:
    """Write what is worth putting anywhere: the words of the seeds."""
    found: dict[bytes, None] = {}
    for content in target.seeds().values():
        found.update(dict.fromkeys(_WORD.findall(content)))
    lines = [f'"{word.decode()}"' for word in list(found)[:_MOST_WORDS]]
    path.write_text("\n".join([*lines, ""]))


def _outcome(said: str, code: int, file: Path | None) -> Outcome:
    statuses, executed = _LAST_STATUS.findall(said), _EXECUTED.findall(said)
    coverage, _, corpus = map(int, statuses[-1]) if statuses else (0, 0, 0)
    failure = "" if code == 0 else said[-4000:]
    return Outcome(int(executed[-1]) if executed else 0, coverage, corpus, failure, file)
