import pytest
from hypothesis import given
from hypothesis import strategies as st

from hclarity.batch.shards import Shard, parse_shard
from hclarity.errors import UsageError


@given(st.lists(st.text(), unique=True), st.integers(1, 9))
def test_every_name_is_in_one_share(names: list[str], count: int) -> None:
    shards = [Shard(index, count) for index in range(count)]
    for name in names:
        assert sum(shard.holds(name) for shard in shards) == 1


def test_shares_are_alike_in_size_and_the_same_everywhere() -> None:
    names = [f"album {number // 12}/{number % 12:02} song" for number in range(1200)]
    sizes = [sum(map(Shard(index, 4).holds, names)) for index in range(4)]
    assert min(sizes) > 250
    assert [name for name in names[:12] if Shard(0, 4).holds(name)] == [
        f"album 0/{number:02} song" for number in (0, 4, 7, 8, 9, 10)
    ]


@pytest.mark.parametrize("word", ["", "1", "1/", "/2", "2/2", "-1/2", "0/0", "a/b", "1/2/3", "¹/²"])
def test_words_that_name_no_share(word: str) -> None:
    with pytest.raises(UsageError, match="shard"):
        parse_shard(word)


def slurm(index: int, first: int, last: int, step: int, count: int) -> dict[str, str]:
    numbers = {"ID": index, "MIN": first, "MAX": last, "STEP": step, "COUNT": count}
    return {f"SLURM_ARRAY_TASK_{name}": str(number) for name, number in numbers.items()}


@pytest.mark.parametrize(
    ("said", "shard"),
    [
        (slurm(3, 0, 3, 1, 4), Shard(3, 4)),
        (slurm(1, 1, 4, 1, 4), Shard(0, 4)),
        (slurm(4, 0, 6, 2, 4), Shard(2, 4)),
        ({"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "2"}, Shard(0, 2)),
        ({"RANK": "1", "WORLD_SIZE": "2"}, Shard(1, 2)),
    ],
)
def test_array_jobs_say_which_share(said: dict[str, str], shard: Shard) -> None:
    assert parse_shard("auto", said) == shard


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "SLURM_ARRAY_TASK_ID, or AWS_BATCH"),
        ({"JOB_COMPLETION_INDEX": "3"}, "type --shard I/N"),
        ({"SLURM_ARRAY_TASK_ID": "3"}, "are no numbers"),
        (slurm(7, 3, 7, 1, 2), "the array from 3 to 7 has 2 tasks, so some are left out"),
    ],
)
def test_where_no_array_job_says(said: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_shard("auto", said)
