"""
The keyring of this installation: read from the key file, kept outside the data folder and outside every backup.

The file is JSON with mode 0600: {"current": 1, "keys": {"1": base64}, "hash": base64}.
"""

import base64
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from huitou.core.crypto import Keyring, generate_keyring

LOOK_EVERY_SECONDS = 1.0  # at the key file's date: a process learns of a new key within this time


class KeyFileError(Exception):
    """The key file is missing or unreadable; without it no personal data can be read."""


@dataclass(slots=True)
class _Known:
    ring: Keyring
    written_ns: int
    looked_at: float


_known: dict[Path, _Known] = {}


def keyring() -> Keyring:
    """Return this installation's keyring, read again when the file changed. Raises KeyFileError with what to do."""
    path, now = Path(settings.HUITOU_KEY_FILE), time.monotonic()
    known = _known.get(path)
    if known is not None and now - known.looked_at < LOOK_EVERY_SECONDS:
        return known.ring
    try:
        written_ns = path.stat().st_mtime_ns
    except OSError:
        written_ns = 0
    if known is None or known.written_ns != written_ns:
        known = _known[path] = _Known(_read(path), written_ns, now)
    known.looked_at = now
    return known.ring


def _read(path: Path) -> Keyring:
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
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, _text(generate_keyring()), os.O_EXCL)


def key_add(path: Path) -> int:
    """
    Add a fresh master key to the file and return its number; the current one goes on sealing until `key_use`.

    Between the two lies the time in which every running process learns of the new key. Raises KeyFileError.
    """
    ring = _read(path)
    number = max(ring.masters) + 1
    if number > _LAST_NUMBER:
        raise KeyFileError(f"{path} has used all {_LAST_NUMBER} key numbers")
    _replace(path, Keyring({**ring.masters, number: os.urandom(32)}, ring.current, ring.hash_master))
    return number


def key_use(path: Path, number: int) -> None:
    """Let a known key seal from now on. Raises KeyFileError."""
    ring = _read(path)
    if number not in ring.masters:
        raise KeyFileError(f"{path} has no key {number}: it has {sorted(ring.masters)}")
    _replace(path, Keyring(ring.masters, number, ring.hash_master))


_LAST_NUMBER = 255


def _text(ring: Keyring) -> str:
    return json.dumps({
        "current": ring.current,
        "keys": {str(number): base64.b64encode(key).decode() for number, key in ring.masters.items()},
        "hash": base64.b64encode(ring.hash_master).decode(),
    })  # fmt: skip


def _replace(path: Path, ring: Keyring) -> None:
    """Put a new file in the old one's place by one rename, so that a kill leaves one of the two whole."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, _text(ring), os.O_EXCL)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    _known.pop(path, None)


def _write(path: Path, text: str, flags: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
