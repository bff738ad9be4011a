from pathlib import Path

import pytest

from hclarity.batch import machine

MEMINFO = "MemTotal:       24000000 kB\nMemAvailable:   20000000 kB\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    return tmp_path


def test_what_is_not_known(files: Path) -> None:
    assert machine.free_bytes() is None
    assert machine.sensible_jobs(3, cores_each=1, bytes_each=10**12) >= 1


@pytest.mark.parametrize(
    ("most", "free"),
    [(None, 20_480_000_000), ("max", 20_480_000_000), ("3000", 2000), ("500", 0)],
)
def test_the_least_of_machine_and_container(files: Path, most: str | None, free: int) -> None:
    (files / "meminfo").write_text(MEMINFO)
    if most is not None:
        (files / "memory.max").write_text(f"{most}\n")
        (files / "memory.current").write_text("1500\n")
        (files / "memory.stat").write_text("anon 1000\ninactive_file 500\n")
    assert machine.free_bytes() == free


def test_this_machine() -> None:
    assert machine.cores() >= 1
    free = machine.free_bytes()
    assert free is None or free > 0
