from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simsched.experiment.arrow import numbers, texts, words

INTEGERS = st.sampled_from([np.int8, np.int32, np.int64])


@given(INTEGERS.flatmap(lambda kind: arrays(kind, st.integers(0, 40), elements=st.integers(-2, 9))))
def test_numbers_are_what_pyarrow_makes_of_them(column):
    made = numbers(column)
    made.validate(full=True)
    assert made.equals(pa.array(column))


@given(arrays(np.int64, st.integers(0, 40), elements=st.integers(-2, 1)))
def test_what_is_missing_is_null(column):
    made = numbers(column, -1)
    made.validate(full=True)
    assert made.equals(pa.array(column, mask=column == -1))
    assert made.null_count == np.count_nonzero(column == -1)


def test_every_other_row_of_a_column_is_a_column():
    assert numbers(np.arange(10)[::2]).to_pylist() == [0, 2, 4, 6, 8]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5)))
def test_texts_are_what_pyarrow_makes_of_them(column):
    made = texts(column)
    made.validate(full=True)
    assert made.equals(pa.array(column, type=pa.string()))


@pytest.mark.parametrize("kind", [np.int8, np.int64])
def test_words_are_looked_up(kind):
    made = words(np.array([1, 0, 1], kind), ("page", "ping"))
    made.validate(full=True)
    assert made.to_pylist() == ["ping", "page", "ping"]
    assert made.dictionary.to_pylist() == ["page", "ping"]
