"""Every number once."""

import numpy as np
import pytest

from huitou.core.distinct import distinct


@pytest.mark.parametrize("numbers", [[], [7], [3, 3, 3], [2, -(2**62), 2**62, 2, -1, 2**62], [5, 4, 4, 1]])
def test_every_number_comes_once_and_in_order(numbers):
    given = np.array(numbers, dtype=np.int64)
    found = distinct(given)
    assert found.tolist() == sorted(set(numbers))
    assert given.tolist() == numbers  # what was given stays as it was
