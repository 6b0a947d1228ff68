"""kill -9 anywhere between pull and publish: the restart finishes, and nothing is lost or doubled."""

import pytest
from tests.installation import Installation

pytestmark = pytest.mark.long(70)

DEATHS = {"pull": 1, "seal": 2, "apply": 1, "base": 2, "fold": 2, "switch": 2, "publish": 2, "clock": 1}  # at least


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What came out of every scenario; one process runs them all."""
    installation = Installation(tmp_path_factory.mktemp("kill") / "home").create()
    return installation.driven("tests.apps.builds.kill_driver", "nowhere", *DEATHS)


def test_the_undisturbed_run_has_something_to_lose(found):
    outcome = found["nowhere"]["outcome"]
    assert outcome["published equals warehouse"]
    assert outcome["tables"]["lines"][0] > 100
    assert (outcome["waiting"], outcome["running builds"], outcome["left over"]) == (0, 0, [])


@pytest.mark.accept("S14")
@pytest.mark.parametrize("where", DEATHS)
def test_a_run_killed_in_the_middle_ends_like_an_undisturbed_one(where, found):
    assert found[where]["deaths"] >= DEATHS[where]
    assert found[where]["outcome"] == found["nowhere"]["outcome"]
