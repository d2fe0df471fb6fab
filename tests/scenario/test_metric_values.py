"""Values of metrics as a sentence tells them."""

from __future__ import annotations

import pytest

from simsched.scenario.number_format import show_value


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        (1.0, "number", "1.00"),
        (0.9954, "number", "0.995"),
        (0.99955, "number", "0.9996"),
        (0.999964, "number", "0.99996"),
        (1.0004, "number", "1.0004"),
        (0.9999, "share", "99.99 %"),
        (1.0, "share", "100 %"),
        (1 - 1e-12, "share", "100 %"),
    ],
)
def test_what_is_not_quite_one_is_not_told_as_one(value, kind, told):
    assert show_value(value, kind) == told
