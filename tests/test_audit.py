"""An audit that could not ask is no audit: pip-audit ends with 0 where it found nobody to ask."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(folder: Path, answer: object, code: int = 0, said: str = "") -> str:
    """A pip-audit that answers so."""
    path = folder / "pip-audit"
    words = answer if isinstance(answer, str) else json.dumps({"dependencies": answer})
    path.write_text(
        f"#!{sys.executable}\nimport sys\nprint({words!r})\nprint({said!r}, file=sys.stderr)\n"
        f"sys.exit({code})\n"
    )
    os.chmod(path, 0o755)
    return str(path)


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    path = tmp_path / "constraints.txt"
    path.write_text("# tested\nav==18.1.0\nTyping_Extensions==4.1\n")
    return path


AV = {"name": "av", "version": "18.1.0", "vulns": []}
TYPING = {"name": "typing-extensions", "version": "4.1", "vulns": []}
FLAW = {"id": "CVE-1", "fix_versions": ["18.2.0"], "aliases": [], "description": "bad"}
SKIPPED = {"name": "typing-extensions", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("answer", "code", "ends", "told"),
    [
        ([AV, TYPING], 0, 0, "2 packages were asked about, 0 have known advisories"),
        ([{**AV, "vulns": [FLAW]}, TYPING], 1, 1, "av 18.1.0: CVE-1, mended in 18.2.0"),
        ([AV, SKIPPED], 0, 69, "the audit failed: 1 of 2 packages were not found: typing-ext"),
        ([AV], 0, 69, "the audit failed: 1 of 2 packages were not found"),
        ([], 0, 69, "the audit failed: 2 of 2 packages were not found"),
        ("", 1, 69, "the audit failed: pip-audit gave no answer (exit code 1): no route"),
        ("[]", 0, 69, "the audit failed: pip-audit gave no answer"),
    ],
)
def test_an_audit(
    audit: ModuleType, tmp_path: Path, pins: Path, capsys: pytest.CaptureFixture[str],
    answer: object, code: int, ends: int, told: str,
) -> None:  # fmt: skip
    assert audit.main(program(tmp_path, answer, code, "trace\nno route"), pins) == ends
    said = capsys.readouterr()
    assert told in said.out + said.err
    assert ("nothing is known about what was not asked about" in said.err) == (ends == 69)


def test_all_that_is_pinned_is_asked_about(audit: ModuleType) -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert len(audit.pinned(ROOT / "constraints.txt")) == sum("==" in line for line in lines)
