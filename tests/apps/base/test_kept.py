"""What is kept for minutes: asked once for what it rests on, of no other reach, and also when the answer is none."""

from huitou.apps.base.kept import kept, reach_key
from huitou.apps.base.scope import Viewer


def test_an_answer_is_asked_for_once_by_all_it_rests_on():
    asked: list[int] = []

    def answer(value: int | None) -> int | None:
        asked.append(value or 0)
        return value

    assert [kept("persons", lambda: answer(7), 1, None) for _ in range(3)] == [7, 7, 7]
    assert kept("persons", lambda: answer(8), 2, None) == 8
    assert kept("orders", lambda: answer(9), 1, None) == 9
    assert asked == [7, 8, 9]
    assert [kept("nobody", lambda: answer(None)) for _ in range(2)] == [None, None]
    assert asked == [7, 8, 9, 0]


def test_equal_reach_is_written_alike_and_no_store_is_not_the_chain():
    chain, nobody = Viewer(1, "manager", None), Viewer(2, "guide", frozenset())
    assert reach_key(chain) is None
    assert reach_key(nobody) == ()
    assert reach_key(Viewer(3, "guide", frozenset({9, 2}))) == reach_key(Viewer(4, "store_manager", frozenset({2, 9}))) == (2, 9)
