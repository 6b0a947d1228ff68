"""Lists of person ids as bytes, in two forms, and their hash."""

import hashlib
import zlib

import numpy as np

from huitou.warehouse.panel import Ints

NOBODY = np.empty(0, dtype=np.int64)


def packed(person_ids: Ints) -> bytes:
    """Return a rising list as compressed differences."""
    return zlib.compress(np.diff(person_ids, prepend=0).astype(">i8").tobytes(), 1)


def unpacked(data: bytes | memoryview) -> Ints:
    """Return the list again."""
    return np.cumsum(np.frombuffer(zlib.decompress(data), dtype=">i8"), dtype=np.int64)


def marked(person_ids: Ints) -> bytes:
    """Return ids in any order as one bit for every id up to the highest, compressed: quick to read where they are many."""
    marks = np.zeros(int(person_ids.max(initial=-1)) + 1, dtype=np.bool_)
    marks[person_ids] = True
    return zlib.compress(np.packbits(marks).tobytes(), 1)


def unmarked(data: bytes | memoryview) -> Ints:
    """Return the ids again, rising."""
    return np.flatnonzero(np.unpackbits(np.frombuffer(zlib.decompress(data), dtype=np.uint8))).astype(np.int64)


def list_hash(person_ids: Ints) -> str:
    """Return the SHA-256 of a rising list, eight bytes each, big end first, as hex: two sends to one list agree in it."""
    return hashlib.sha256(person_ids.astype(">i8").tobytes()).hexdigest()
