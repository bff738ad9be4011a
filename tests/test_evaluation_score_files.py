import csv
import io
import json
import math
import random

from evaluation_scores import report_of, scored

from hclarity.evaluation.score_files import COLUMNS, csv_text, document

SCORES = [
    *scored("usdr", "net", {"vocals": [1 / 3, None], "bass": [math.inf, -math.inf]}),
    *scored("usdr", "mixture", {"vocals": [0.1, -5], "bass": [0, 0]}),
    *scored("haaqi", "net", {"remix": [0.25, 0.75]}, listener='N, "3"', ear="left", scene="S1"),
]


def test_a_line_for_each_score():
    lines = list(csv.DictReader(io.StringIO(csv_text(report_of(SCORES)))))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == len(SCORES)
    found = {tuple(line.values()) for line in lines}
    assert ("net", "0", "", "vocals", "", "", "usdr", repr(1 / 3)) in found
    assert ("net", "1", "", "vocals", "", "", "usdr", "") in found
    assert ("net", "1", "", "bass", "", "", "usdr", "-inf") in found
    assert ("net", "0", "S1", "remix", 'N, "3"', "left", "haaqi", "0.25") in found
    assert [line["row"] for line in lines] == ["mixture"] * 4 + ["net"] * 6


def test_the_order_of_scores_does_not_matter():
    shuffled = random.Random(0).sample(SCORES, len(SCORES))
    assert csv_text(report_of(shuffled)) == csv_text(report_of(SCORES))
    assert document(report_of(shuffled))["scores"] == document(report_of(SCORES))["scores"]


def test_the_document_is_json_and_holds_everything():
    held = document(report_of(SCORES))
    read = json.loads(json.dumps(held, allow_nan=False))
    assert read == held
    assert read["about"]["title"] == "MUSDB18-HQ"
    assert len(read["scores"]) == len(SCORES)
    assert {score["value"] for score in read["scores"]} >= {None, "inf", "-inf", 1 / 3}
    mixture, net, ideal = read["rows"]
    assert (net["name"], net["kind"], net["seen"], net["digest"]) == ("net", "model", False, "n")
    vocals = net["summaries"]["usdr"]["vocals"]
    assert (vocals["mean"], vocals["songs"], vocals["silent"]) == (1 / 3, 1, 1)
    assert net["summaries"]["usdr"]["bass"]["mean"] is None  # of inf and -inf
    assert net["summaries"]["usdri"]["vocals"]["mean"] == 1 / 3 - 0.1
    assert net["summaries"]["haaqi"]["remix"]["mean"] == 0.5
    assert mixture["summaries"]["haaqi"] == ideal["summaries"]["usdr"] == {}
