"""The key file is private, never overwritten, and its absence is a sentence with what to do."""

import stat

import pytest

from huitou.apps.base import secrets


def test_a_new_key_file_is_for_its_owner_only_and_reads_back(settings):
    mode = stat.S_IMODE(settings.HUITOU_KEY_FILE.stat().st_mode)
    assert mode == 0o600
    ring = secrets.keyring()
    assert ring.decrypt(ring.encrypt(b"x", context="c"), context="c") == b"x"


def test_an_existing_key_file_is_never_overwritten(settings):
    before = settings.HUITOU_KEY_FILE.read_bytes()
    with pytest.raises(FileExistsError):
        secrets.key_file_create(settings.HUITOU_KEY_FILE)
    assert settings.HUITOU_KEY_FILE.read_bytes() == before


@pytest.mark.parametrize(("content", "says"), [(None, "huitou init"), ("{}", "damaged"), ("not json", "damaged")])
def test_a_missing_or_damaged_key_file_says_what_to_do(settings, tmp_path, content, says):
    settings.HUITOU_KEY_FILE = tmp_path / "other.json"
    if content is not None:
        settings.HUITOU_KEY_FILE.write_text(content)
    with pytest.raises(secrets.KeyFileError, match=says):
        secrets.keyring()
