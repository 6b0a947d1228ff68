"""
Count the character n-grams of many texts at once.

A gram of up to three characters is one whole number, 21 bits a character, so a vocabulary is a sorted array and nothing
collides. No word list is needed: 不好 and 没用 are grams of their own, which is how negation is seen.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Codes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

LONGEST = 3  # characters of a gram; 3 x 21 bits fit a uint64
LONGEST_TEXT = 2_000  # characters read of one text
_BITS = np.uint64(21)
_FIRST_OF_SIZE = np.array([1, 1 << 21, 1 << 42], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Grams:
    """Every gram of every text: rows, codes and starts (in the cleaned text) have one entry per gram; `texts` are cleaned."""

    texts: tuple[str, ...]
    rows: Ints
    codes: Codes
    starts: Ints

    def sizes(self) -> Ints:
        """Return how many characters each gram has."""
        return np.searchsorted(_FIRST_OF_SIZE, self.codes, side="right").astype(np.int64)


def cleaned(text: str) -> str:
    """Return the text as it is read: full-width forms made plain, small letters, one blank for white space, 2,000 characters."""
    return " ".join(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).lower().split())[:LONGEST_TEXT]


def grams_of(texts: Sequence[str]) -> Grams:
    """Return the grams of 1 to 3 characters of every text, by length, then text, then place. An empty text has none."""
    ready = tuple(cleaned(text) for text in texts)
    sizes = np.array([len(text) for text in ready], dtype=np.int64)
    letters = np.frombuffer("".join(ready).encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    row_of = np.repeat(np.arange(sizes.size, dtype=np.int64), sizes)
    place_of = np.arange(letters.size, dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    left_of = np.repeat(sizes, sizes) - place_of
    rows: list[Ints] = []
    codes: list[Codes] = []
    starts: list[Ints] = []
    code = np.zeros(letters.size, dtype=np.uint64)
    for length in range(1, LONGEST + 1):
        shifted = np.zeros(letters.size, dtype=np.uint64)
        shifted[: max(letters.size - length + 1, 0)] = letters[length - 1 :]
        code = (code << _BITS) | shifted
        whole = left_of >= length
        rows.append(row_of[whole])
        codes.append(code[whole])
        starts.append(place_of[whole])
    return Grams(ready, np.concatenate(rows), np.concatenate(codes), np.concatenate(starts))


def common_codes(grams: Grams, *, least_texts: int) -> tuple[Codes, Ints]:
    """Return the grams that stand in at least this many texts, rising, and in how many each stands."""
    pairs = np.lexsort((grams.rows, grams.codes))
    codes, rows = grams.codes[pairs], grams.rows[pairs]
    first = np.ones(codes.size, dtype=bool)
    first[1:] = (codes[1:] != codes[:-1]) | (rows[1:] != rows[:-1])
    found, texts = np.unique(codes[first], return_counts=True)
    kept = texts >= least_texts
    return found[kept], texts[kept].astype(np.int64)


def places_in(codes: Codes, vocabulary: Codes) -> Ints:
    """Return where each code stands in the (rising) vocabulary, -1: nowhere."""
    if not vocabulary.size:
        return np.full(codes.size, -1, dtype=np.int64)
    places = np.minimum(np.searchsorted(vocabulary, codes), vocabulary.size - 1)
    return np.where(vocabulary[places] == codes, places, -1).astype(np.int64)


def weighted(grams: Grams, vocabulary: Codes, rarity: npt.NDArray[np.float32]) -> "csr_array":
    """
    Return the texts as rows of length 1 (all zero: no known gram): (1 + log count) x rarity of each gram of the vocabulary.
    """
    from scipy.sparse import csr_array

    places = places_in(grams.codes, vocabulary)
    known = places >= 0
    shape = (len(grams.texts), vocabulary.size)
    counts = csr_array((np.ones(int(known.sum()), dtype=np.float32), (grams.rows[known], places[known])), shape=shape)
    counts.sum_duplicates()
    counts.data = (1 + np.log(counts.data)) * rarity[counts.indices]
    lengths = np.sqrt(np.add.reduceat(np.append(counts.data**2, 0), counts.indptr[:-1]))
    lengths[np.diff(counts.indptr) == 0] = 1
    counts.data /= np.repeat(lengths, np.diff(counts.indptr)).astype(np.float32)
    return counts
