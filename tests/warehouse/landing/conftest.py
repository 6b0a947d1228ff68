"""Drafting for the tests of typing and sealing."""

from pathlib import Path

import pytest

from huitou.core.crypto import Keyring

from .drafting import Drafting


@pytest.fixture
def drafting(tmp_path: Path, keyring: Keyring) -> Drafting:
    return Drafting(tmp_path / "scratch", keyring)
