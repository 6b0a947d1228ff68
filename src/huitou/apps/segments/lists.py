"""Lists of person ids as marks and as bytes, and their hash."""

import hashlib
import zlib

import numpy as np
import numpy.typing as npt

from huitou.warehouse.panel import Ints

Marks = npt.NDArray[np.bool_]
NOBODY = np.empty(0, dtype=np.int64)


def packed(person_ids: Ints) -> bytes:
    """Return a rising list as compressed differences."""
    return zlib.compress(np.diff(person_ids, prepend=0).astype(">i8").tobytes(), 1)


def unpacked(data: bytes | memoryview) -> Ints:
    """Return the list again."""
    return np.cumsum(np.frombuffer(zlib.decompress(data), dtype=">i8"), dtype=np.int64)


def marks_of(person_ids: Ints) -> Marks:
    """Return ids in any order as one flag for every id up to the highest, and a last one that is nobody's."""
    marks = np.zeros(int(person_ids.max(initial=-1)) + 2, dtype=np.bool_)
    marks[person_ids] = True
    return marks


def among(person_ids: Ints, marks: Marks) -> Marks:
    """Say for each id whether it is marked; one that is higher than all of those is not."""
    return marks.take(person_ids, mode="clip")


def marked(marks: Marks) -> bytes:
    """Return marks as compressed bits: quick to read where they are many."""
    return zlib.compress(np.packbits(marks).tobytes(), 1)


def unmarked(data: bytes | memoryview) -> Marks:
    """Return the marks again, with more that are nobody's at the end."""
    bits = np.unpackbits(np.frombuffer(zlib.decompress(data), dtype=np.uint8)).view(np.bool_)
    return np.append(bits, False)


def list_hash(person_ids: Ints) -> str:
    """Return the SHA-256 of a rising list, eight bytes each, big end first, as hex: two sends to one list agree in it."""
    return hashlib.sha256(person_ids.astype(">i8").tobytes()).hexdigest()
