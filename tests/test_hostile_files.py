"""Whatever a stranger's file holds, it is read, or refused in one line, soon."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.breaking import broken, distorted
from fuzz.target import Target
from fuzz.targets import TARGETS

SECONDS = 5.0
EXAMPLES = {"sounds": 60, "checkpoints": 60, "journals": 60, "layouts": 40}
TEXTS = [name for name in TARGETS if name not in ("tags", "sounds", "checkpoints", "journals")]

quickly = HealthCheck.too_slow, HealthCheck.function_scoped_fixture


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[bytes]]:
    """Made when they are first asked for, and once."""
    return {}


def seeds_of(target: Target, made: dict[str, list[bytes]]) -> list[bytes]:
    if target.name not in made:
        made[target.name] = list(target.seeds().values())
    return made[target.name]


def attempt(target: Target, content: bytes, folder: Path) -> None:
    """Anything but a value or a refusal of one line is raised, and fails the test."""
    begun = time.monotonic()
    target.attempt(content[: target.largest], folder)
    assert time.monotonic() - begun < SECONDS


@pytest.mark.parametrize("name", TARGETS)
def test_bytes_broken_at_random(name: str, tmp_path: Path, seeds: dict[str, list[bytes]]) -> None:
    target = TARGETS[name]

    @settings(deadline=None, max_examples=EXAMPLES.get(name, 120), suppress_health_check=quickly)
    @given(chance=st.randoms(use_true_random=False))
    def law(chance: Random) -> None:
        good = seeds_of(target, seeds)
        attempt(target, broken(chance.choice(good), chance.choice(good), chance), tmp_path)

    law()


@pytest.mark.parametrize("name", TEXTS)
def test_values_of_another_kind(name: str, tmp_path: Path, seeds: dict[str, list[bytes]]) -> None:
    target = TARGETS[name]

    @settings(deadline=None, max_examples=EXAMPLES.get(name, 120), suppress_health_check=quickly)
    @given(chance=st.randoms(use_true_random=False))
    def law(chance: Random) -> None:
        attempt(target, distorted(chance.choice(seeds_of(target, seeds)), chance), tmp_path)

    law()


@pytest.mark.parametrize("name", TARGETS)
def test_files_to_begin_with_are_of_use(
    name: str, tmp_path: Path, seeds: dict[str, list[bytes]]
) -> None:
    """Most are read: from what is refused at once, nobody gets anywhere."""
    told = [TARGETS[name].attempt(seed, tmp_path) for seed in seeds_of(TARGETS[name], seeds)]
    if name not in ("records", "checkpoints"):  # without stems beside them; of no known layout
        assert told.count("read") > len(told) / 2


def once_failed() -> Iterator[tuple[str, Path]]:
    for name, target in TARGETS.items():
        yield from ((name, path) for path in target.once_failed())


@pytest.mark.parametrize(("name", "path"), list(once_failed()), ids=str)
def test_what_once_failed(name: str, path: Path, tmp_path: Path) -> None:
    attempt(TARGETS[name], path.read_bytes(), tmp_path)
