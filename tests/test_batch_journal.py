import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hclarity as package
from hclarity.batch.journal import Journal
from hclarity.errors import CannotCreateError, StorageError

HERE = Path(package.__file__).parent.parent
WORK = [{"song": f"s{number}", "settings": {"ö": number / 3}} for number in range(4)]


def kept(path: Path) -> list[int]:
    """Which pieces of work a journal holds; their results are right."""
    with Journal(path) as journal:
        done = [number for number, of in enumerate(WORK) if of in journal]
        assert all(journal[WORK[number]] == {"value": number / 7} for number in done)
        return done


def write(path: Path, numbers=range(4)) -> None:
    with Journal(path) as journal:
        for number in numbers:
            journal.add(WORK[number], {"value": number / 7})


def test_what_is_added_is_found_again_to_the_bit(tmp_path):
    path = tmp_path / "journal.jsonl"
    write(path)
    assert kept(path) == [0, 1, 2, 3]
    entry = json.loads(path.read_text(encoding="utf-8").splitlines()[2])
    assert entry["of"] == WORK[2]
    assert entry["when"].endswith("+00:00")


def test_work_that_depends_on_anything_else_is_other_work(tmp_path):
    with Journal(tmp_path / "j") as journal:
        journal.add({"song": "a", "settings": {"x": 1, "y": 2}}, 5)
        assert {"settings": {"y": 2, "x": 1}, "song": "a"} in journal  # in whatever order
        assert {"song": "a", "settings": {"x": 1, "y": 3}} not in journal
        assert {"song": "a"} not in journal


def test_files_may_have_names_that_are_no_unicode(tmp_path):
    of = {"file": os.fsdecode(b"\xff.wav"), "name": "\ud800"}
    for done in (False, True):
        with Journal(tmp_path / "j") as journal:
            assert (of in journal) == done
            journal.add(of, of)
            assert journal[of] == of


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_cut_at_any_byte_it_keeps_every_whole_line_and_goes_on(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cut") / "j"
    write(path)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    done = whole[:cut].count(b"\n")
    assert kept(path) == list(range(done))
    write(path, range(done, 4))
    assert kept(path) == [0, 1, 2, 3]
    assert path.read_bytes().count(b"\n") == 4


@pytest.mark.parametrize(
    "damage",
    [
        b"\0" * 50,
        b"[1, 2]",
        b'{"key": 1}',
        b"\xff\xfe",
        b"",
        b"7",
        b"[" * 100_000,
        b'{"key": "x", "result": NaN}',
        b'{"key": "x", "result": ' + b"9" * 9999 + b"}",
    ],
)
def test_a_damaged_line_costs_its_own_work_only(tmp_path, damage):
    path = tmp_path / "j"
    write(path)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0], damage, *lines[2:], b""]))
    assert kept(path) == [0, 2, 3]


def test_of_two_results_the_later_counts(tmp_path):
    for result in (1, 2):
        with Journal(tmp_path / "j") as journal:
            journal.add({"a": 1}, result)
            assert journal[{"a": 1}] == result
    with Journal(tmp_path / "j") as journal:
        assert journal[{"a": 1}] == 2


def test_several_programs_add_to_one_journal(tmp_path):
    path = tmp_path / "j"
    with Journal(path) as one, Journal(path) as other:
        one.add(WORK[0], {"value": 0.0})
        other.add(WORK[1], {"value": 1 / 7})
        assert WORK[1] not in one
        one.catch_up()
        other.catch_up()
        assert all(work in journal for work in WORK[:2] for journal in (one, other))
    assert kept(path) == [0, 1]


def test_a_line_that_another_left_half_written_costs_only_that(tmp_path):
    path = tmp_path / "j"
    with Journal(path) as journal:
        journal.add(WORK[0], {"value": 0.0})
        with path.open("ab") as file:
            file.write(b'{"key": "half a li')
        journal.catch_up()
        journal.add(WORK[1], {"value": 1 / 7})
    assert kept(path) == [0, 1]
    assert path.read_bytes().count(b"\n") == 2


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(CannotCreateError, match="folder"), Journal(tmp_path / "folder"):
        pass


def test_numbers_that_json_has_not_are_refused(tmp_path):
    path = tmp_path / "j"
    with Journal(path) as journal:
        with pytest.raises(ValueError, match="JSON"):
            journal.add({"a": 1}, float("nan"))
        assert {"a": 1} not in journal
    assert path.read_bytes() == b""


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("hclarity.batch.journal.fsync", full)
    with Journal(tmp_path / "j") as journal:
        with pytest.raises(StorageError, match="space"):
            journal.add({"a": 1}, 2)
        assert {"a": 1} not in journal


_ENDLESS = """
import sys
from pathlib import Path
from hclarity.batch.journal import Journal
with Journal(Path(sys.argv[1])) as journal:
    for number in range(10**9):
        journal.add({"piece": number}, "x" * 1000)
        print(number, flush=True)
"""


def test_what_was_said_to_be_done_outlives_a_kill(tmp_path):
    path = tmp_path / "j"
    program = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert program.stdout is not None
    last = [int(program.stdout.readline()) for _ in range(20)][-1]
    program.send_signal(signal.SIGKILL)
    told = [last, *map(int, program.communicate()[0].split())][-1]
    with Journal(path) as journal:  # and the lock died with it
        assert all({"piece": number} in journal for number in range(told + 1))


def test_a_line_without_end_fills_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("hclarity.batch.journal._LONGEST_LINE", 1000)
    path = tmp_path / "j"
    write(path)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0], b"[" * 5000, *lines[2:], b""]))
    assert kept(path) == [0, 2, 3]
    assert path.read_bytes().count(b"\n") == 4
