from hclarity.report.batch import batch_summary


def summary(done: int, failed: int, hours: float = 0.0) -> dict[str, float]:
    return {
        "done": done,
        "already_done": 0,
        "failed": failed,
        "audio_hours": hours,
        "seconds": 7200.0,
        "times_real_time": hours / 2,
    }


def failures(number: int) -> list[dict[str, object]]:
    return [{"error": f"{song}.flac is empty: 0 bytes", "exit_code": 65} for song in range(number)]


def test_of_few_inputs_failures_are_seen_above() -> None:
    assert batch_summary(summary(3, 2), failures(2)) == "done 3, failed 2"


def test_of_many_they_are_named_once_more() -> None:
    told = batch_summary(summary(900, 2, 66.6), failures(2)).splitlines()
    assert told == [
        "done 900, failed 2; 67 h of music in 2.0 h, 33.3 times as fast as it plays",
        "failed: 0.flac is empty: 0 bytes",
        "failed: 1.flac is empty: 0 bytes",
    ]


def test_but_never_too_many() -> None:
    told = batch_summary(summary(900, 30), failures(30)).splitlines()
    assert len(told) == 22
    assert told[-1] == "and 10 more, which are named above and in --json"
