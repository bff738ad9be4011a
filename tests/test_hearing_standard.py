import pytest
from hearing_strategies import BISGAARD

from hclarity.hearing.standard import STANDARD_LISTENERS

# Gains of NAL-R at 1 kHz, worked out by hand from the published thresholds.
GAIN_AT_1_KHZ = {"N1": 5.85, "N3": 19.65, "N7": 57.05, "S3": 28.10}


def test_there_are_the_ten_of_the_paper_in_its_order():
    assert list(STANDARD_LISTENERS) == ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "S1", "S2", "S3"]


@pytest.mark.parametrize("name", STANDARD_LISTENERS)
def test_they_hear_alike_with_both_ears(name):
    listener = STANDARD_LISTENERS[name]
    assert listener.name == name
    assert listener.left == listener.right == BISGAARD[name]


@pytest.mark.parametrize(("name", "gain"), GAIN_AT_1_KHZ.items())
def test_they_are_prescribed_what_is_known(name, gain):
    from hclarity.hearing.prescriptions.nal import nalr

    assert nalr(STANDARD_LISTENERS[name].left).at(1000) == pytest.approx(gain, abs=0.005)


def test_none_can_be_changed():
    with pytest.raises(TypeError):
        STANDARD_LISTENERS["N1"] = STANDARD_LISTENERS["N2"]
