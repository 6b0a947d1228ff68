"""A plan over many subjects at once: each question answered as one array of yes and no, the groups by boolean algebra."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from huitou.core.filters.plan import AllOf, AnyOf, Compare, Happened, Leaf, Negated, Step

Flags = npt.NDArray[np.bool_]


def combined(step: Step, answer: Callable[[Leaf], Flags], size: int) -> Flags:
    """
    Return who matches the plan, shape (size,), a new array.

    answer: the subjects that a question is true for, shape (size,); it is asked once per question and never changed.
    """
    match step:
        case Compare() | Happened():
            return answer(step).copy()
        case Negated(inner):
            return np.logical_not(combined(inner, answer, size))
        case AllOf(steps):
            everybody = np.ones(size, dtype=np.bool_)
            for one in steps:
                everybody &= combined(one, answer, size)
            return everybody
        case AnyOf(steps):
            anybody = np.zeros(size, dtype=np.bool_)
            for one in steps:
                anybody |= combined(one, answer, size)
            return anybody
