"""The small chain of tills, connected."""

from tests.apps.builds.conftest import tills

__all__ = ["tills"]
