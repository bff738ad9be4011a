import pytest

from hclarity.errors import BadDataError
from hclarity.nets.bands import SCHEMES, band_count, band_widths, band_widths_by_edges
from hclarity.registry.upstream.bsrnn_shapes import numbers, scheme_of, shown, whole_number


@pytest.mark.parametrize("rule", [band_widths, band_widths_by_edges])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("told", [True, False])
def test_every_scheme_is_found_again(rule, scheme, told):
    widths = rule(scheme, sample_rate=48000, n_fft=2048)
    found = scheme_of(widths, 48000 if told else None, rule)
    assert SCHEMES[found] == SCHEMES[scheme]


def test_bands_of_another_rule_are_not_found():
    widths = band_widths("v7", sample_rate=44100, n_fft=2048)
    assert len(widths) == band_count("v7")
    with pytest.raises(BadDataError, match=r"expected bands of .*5, 5, 4.* got .*4, 4, 4"):
        scheme_of(widths, 44100, band_widths_by_edges)


def test_numbers_are_counted_once():
    assert numbers(["a.0.x", "a.0.y", "a.12.x", "b.3.x", "a.x.4.y"], "a.") == 2


def test_a_stranger_fills_one_line_at_most():
    assert shown("a\nb" * 1000).count("\n") == 0
    assert len(shown(["word"] * 1000)) < 80


def test_only_whole_numbers_count():
    assert whole_number({}, "n") is None
    assert whole_number({"n": 3}, "n") == 3
    for wrong in (0, -1, 2.0, True, "3"):
        with pytest.raises(BadDataError, match="expected n to be a whole number above 0"):
            whole_number({"n": wrong}, "n")
