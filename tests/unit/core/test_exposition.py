"""The text that collectors of metrics read."""

import math
import re

import pytest

from pypicloud_like.core.exposition import Family, Sample, exposition, histogram


def text(*families):
    return exposition(families).decode()


def test_the_example_of_the_format():
    found = text(
        Family("http_requests_total", "counter", "The total number of HTTP requests.", [
            Sample(1027, {"method": "post", "code": "200"}), Sample(3, {"method": "post", "code": "400"}),
        ]),
        Family("x_bytes", "gauge", "Of x.", [Sample(1.5)]),
    )  # fmt: skip
    assert found == (
        "# HELP http_requests_total The total number of HTTP requests.\n"
        "# TYPE http_requests_total counter\n"
        'http_requests_total{method="post",code="200"} 1027\n'
        'http_requests_total{method="post",code="400"} 3\n'
        "# HELP x_bytes Of x.\n"
        "# TYPE x_bytes gauge\n"
        "x_bytes 1.5\n"
    )


def test_labels_and_help_are_escaped():
    found = text(Family("x", "gauge", "a\\b\nc", [Sample(1, {"route": 'C:\\DIR\n"x"'})]))
    assert found.splitlines() == [
        r"# HELP x a\\b\nc",
        "# TYPE x gauge",
        r'x{route="C:\\DIR\n\"x\""} 1',
    ]


def test_what_is_no_text_does_not_break_it():
    assert 'x{route="?"} 1' in text(Family("x", "gauge", "", [Sample(1, {"route": "\ud800"})]))


def test_a_histogram_counts_up():
    samples = list(histogram({"route": "/"}, (0.1, 1.0), [2, 0, 3], 12.5))
    assert [(each.suffix, each.labels.get("le"), each.value) for each in samples] == [
        ("_bucket", "0.1", 2),
        ("_bucket", "1", 2),
        ("_bucket", "+Inf", 5),
        ("_sum", None, 12.5),
        ("_count", None, 5),
    ]
    assert all(each.labels["route"] == "/" for each in samples)
    with pytest.raises(ValueError, match="zip"):
        list(histogram({}, (0.1, 1.0), [1, 2], 0))


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0"), (2**53 - 1, "9007199254740991"), (1e300, "1e+300"), (0.1, "0.1"), (math.inf, "+Inf")],
)
def test_numbers(value, told):
    assert re.search(r"^x (\S+)$", text(Family("x", "gauge", "", [Sample(value)])), re.MULTILINE)[1] == told


def test_families_without_samples_are_left_out():
    assert text(Family("x", "gauge", "", [])) == ""


@pytest.mark.parametrize("family", [Family("a-b", "gauge", "", [Sample(1)]), Family("a", "gauge", "", [Sample(1, {"a-b": ""})])])  # fmt: skip
def test_names_that_are_none(family):
    with pytest.raises(ValueError, match="is no name"):
        text(family)
