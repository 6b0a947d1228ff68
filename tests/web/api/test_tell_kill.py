"""kill -9 while a customer is told: all of it or nothing is there, and the same call again ends as if nothing had happened."""

import pytest
from tests.installation import Installation

pytestmark = pytest.mark.long(60)

BEFORE_THE_COMMIT = ("key", "kept", "numbered", "stored", "linked", "moved", "file", "resolved")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What every place left; one process runs them all."""
    installation = Installation(tmp_path_factory.mktemp("tell") / "home").create()
    return installation.driven("tests.web.api.tell_kill_driver", "nowhere", *BEFORE_THE_COMMIT, "committed")


@pytest.mark.accept("S22")
@pytest.mark.parametrize("where", BEFORE_THE_COMMIT)
def test_a_call_killed_before_its_commit_left_nothing_and_can_be_made_again(where, found):
    undisturbed, here = found["nowhere"], found[where]
    status, answer = undisturbed["at_once"]
    assert (status, answer["outcome"]) == (200, "joined")
    assert here["died"]
    assert here["left"]
    assert here["at_once"][0] == 409  # the key may still be at work
    assert here["later"] == [status, answer]
    assert here["end"] == undisturbed["end"]


@pytest.mark.accept("S22")
def test_a_call_killed_before_its_answer_is_answered_by_the_next(found):
    undisturbed, here = found["nowhere"], found["committed"]
    assert here["died"]
    assert not here["left"]
    assert here["at_once"] == here["later"] == undisturbed["at_once"] == undisturbed["later"]
    assert here["end"] == undisturbed["end"]
