"""
The keyring of this installation: read from the key file, kept outside the data folder and outside every backup.

The file is JSON with mode 0600: {"current": 1, "keys": {"1": base64}, "hash": base64}.
"""

import base64
import json
import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from huitou.core.crypto import Keyring, generate_keyring


class KeyFileError(Exception):
    """The key file is missing or unreadable; without it no personal data can be read."""


def keyring() -> Keyring:
    """Return this installation's keyring (read once per process). Raises KeyFileError with what to do."""
    return _load(Path(settings.HUITOU_KEY_FILE))


@lru_cache(maxsize=4)
def _load(path: Path) -> Keyring:
    try:
        stored = json.loads(path.read_text())
        return Keyring(
            masters={int(number): base64.b64decode(key) for number, key in stored["keys"].items()},
            current=int(stored["current"]),
            hash_master=base64.b64decode(stored["hash"]),
        )
    except FileNotFoundError as error:
        raise KeyFileError(
            f"key file {path} is missing: restore it from where you keep it, or run `huitou init` for a new installation"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileError(f"key file {path} is damaged ({error}): restore it from your copy") from error


def key_file_create(path: Path) -> None:
    """Write a new key file with mode 0600; an existing file is never touched. Raises FileExistsError."""
    fresh = generate_keyring()
    text = json.dumps(
        {
            "current": fresh.current,
            "keys": {str(number): base64.b64encode(key).decode() for number, key in fresh.masters.items()},
            "hash": base64.b64encode(fresh.hash_master).decode(),
        }
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
