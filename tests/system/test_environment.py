import pytest

from mallvision.environment import BadEnvironment, Reader


@pytest.mark.parametrize("value", ["0", "101", "-5", "nan", "many"])
def test_a_percentage_out_of_range_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadEnvironment, match="SHARE"):
        Reader({"SHARE": value}).percent("SHARE", 90.0)


@pytest.mark.parametrize(("value", "percent"), [("0.5", 0.5), ("100", 100.0), ("", 90.0)])
def test_a_percentage_is_read(value: str, percent: float) -> None:
    assert Reader({"SHARE": value}).percent("SHARE", 90.0) == percent
