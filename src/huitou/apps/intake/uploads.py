"""Uploaded files: encrypted block by block, so that reading can begin anywhere and never needs more than a block."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout

BLOCK = 1 << 20
_OVERHEAD = 1 + 12 + 16  # key number, nonce, tag


def upload_path(import_id: int) -> Path:
    """Return where the file of an import lies."""
    return layout().root / "uploads" / f"{import_id:010d}.enc"


def upload_write(import_id: int, blocks: Iterable[bytes]) -> int:
    """Store the blocks, whatever their sizes; return the number of bytes. A file that was there is replaced."""
    path = upload_path(import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    ring, size = keyring(), 0
    try:
        with scratch.open("wb") as file:
            for index, block in enumerate(_even(blocks)):
                file.write(ring.encrypt(block, context=_context(import_id, index)))
                size += len(block)
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(path)
    finally:
        scratch.unlink(missing_ok=True)
    return size


def upload_read(import_id: int, *, at: int = 0) -> Iterator[bytes]:
    """Yield the file's bytes from byte `at` on. Raises FileNotFoundError once it was cleaned away, DecryptError."""
    ring = keyring()
    index, skip = divmod(at, BLOCK)
    with upload_path(import_id).open("rb") as file:
        file.seek(index * (BLOCK + _OVERHEAD))
        while sealed := file.read(BLOCK + _OVERHEAD):
            block = ring.decrypt(sealed, context=_context(import_id, index))
            if skip < len(block):
                yield block[skip:]
            index, skip = index + 1, 0


def upload_delete(import_id: int) -> None:
    """Forget the file; its rows stay where they went."""
    upload_path(import_id).unlink(missing_ok=True)


def _even(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = bytearray()
    for block in blocks:
        rest += block
        while len(rest) >= BLOCK:
            yield bytes(rest[:BLOCK])
            del rest[:BLOCK]
    if rest:
        yield bytes(rest)


def _context(import_id: int, index: int) -> str:
    return f"intake.upload:{import_id}:{index}"
