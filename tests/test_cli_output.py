import json
from pathlib import Path

import pytest

from hclarity import __version__
from hclarity.cli.output import document_text, print_document, print_paths


def test_documents_are_headed_by_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    print_document({"done": ["a"]})
    out = capsys.readouterr().out
    assert out == document_text({"done": ["a"]})
    assert out.endswith("}\n")
    assert list(json.loads(out).items()) == [("version", __version__), ("done", ["a"])]


def test_documents_hold_no_nan() -> None:
    with pytest.raises(ValueError, match="nan"):
        document_text({"score": float("nan")})


def test_paths(capsys: pytest.CaptureFixture[str]) -> None:
    print_paths([Path("a"), Path("b/c")])
    assert capsys.readouterr().out == "a\nb/c\n"
