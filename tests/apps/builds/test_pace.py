"""Chunks grow and shrink so that each takes about as long as it may."""

from itertools import pairwise

from huitou.apps.base.pace import FEWEST, LOCK_SECONDS, MOST, Pace


class Machine:
    """A clock that work moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def sizes(seconds_per_row: list[float]) -> list[int]:
    """Cut as many rows as there are costs; return the sizes of the chunks."""
    machine = Machine()
    found = []
    for chunk in Pace(clock=machine).cut(seconds_per_row):
        found.append(len(chunk))
        machine.now += sum(chunk)
    return found


def test_every_item_comes_once_in_order():
    assert [item for chunk in Pace().cut(range(3_000)) for item in chunk] == list(range(3_000))
    assert list(Pace().cut([])) == []


def test_chunks_settle_at_what_fits():
    found = sizes([0.0001] * 20_000)
    assert abs(found[-2] - LOCK_SECONDS / 0.0001) <= 1


def test_a_slow_machine_gets_small_chunks_at_once_but_never_none():
    found = sizes([0.01] * 2_000)
    assert found[:3] == [500, FEWEST, FEWEST]


def test_a_fast_one_doubles_up_to_the_bound():
    found = sizes([0.0] * 100_000)
    assert all(later <= 2 * earlier for earlier, later in pairwise(found))
    assert max(found) == MOST
