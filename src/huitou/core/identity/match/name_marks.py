"""How common each name is, which names are none, and what a model keeps of that for later parts of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match import fields as f
from huitou.core.identity.match import notes, row_keys, runs
from huitou.core.identity.match.crowds import Crowds
from huitou.core.identity.match.keys import mixed_all
from huitou.core.identity.match.model import Model

Ints = npt.NDArray[np.int64]
Runs = tuple[Ints, Ints, Ints]  # sorted packed keys, the start and the size of each run of equal ones

_WHOLE = 0.8  # of a model's records: with fewer, a name that looks rare here may be common elsewhere
_COMMON_NAMES = 60_000  # name keys kept in a model


@dataclass(frozen=True, slots=True)
class Names:
    """What a model keeps of names: the keys of those that are not rare and how often each occurs, and of those that are none."""

    counted: Mapping[int, int]
    nicknames: Sequence[int]


def name_runs(matrix: Ints, bits: int) -> Runs:
    """Return the sorted keys of all whole names by sound, where each begins and how many records hold it."""
    buffer = np.empty(len(matrix), np.int64)
    packed = buffer[: row_keys.name_keys(matrix, bits, buffer)]
    packed.sort()
    return (packed, *runs.sorted_runs(packed, bits, 1))


def without_nicknames(matrix: Ints, bits: int, names: Runs, model: Model | None, enough: int) -> tuple[Runs, Sequence[int]]:
    """Make nicknames of names that are none, as told by the model or by these records; return the other runs, and their keys."""
    packed, starts, sizes = names
    if model is not None:
        none = np.isin(packed[starts] >> 24, np.array(model.nicknames, np.int64))
    elif len(matrix) >= enough:
        none = notes.nickname_flags(matrix, packed, bits, starts, sizes)
    else:
        return names, ()
    of_none = np.repeat(none, sizes)
    notes.note_nicknames(matrix, packed[of_none] & ((1 << bits) - 1))
    kept = packed[~of_none]
    return (kept, *runs.sorted_runs(kept, bits, 1)), tuple(np.sort(packed[starts[none]] >> 24).tolist())


def nickname_keys(names: Ints) -> Sequence[int]:
    """Return what a model keeps of distinct names (`keys.name_key`) that are none."""
    return tuple(np.sort(mixed_all(names) >> 24).tolist())


def sign_runs(matrix: Ints, bits: int) -> Runs:
    """The same of names of three characters by their very characters, of those that two records or more hold."""
    buffer = np.empty(len(matrix), np.int64)
    packed = buffer[: row_keys.char_keys(matrix, bits, buffer)]
    packed.sort()
    return (packed, *runs.sorted_runs(packed, bits))


def note_frequencies(
    matrix: Ints, bits: int, names: Runs, signs: Runs, model: Model | None, enough: int, crowds: Crowds | None
) -> dict[int, int]:
    """Mark every full name as rare, middling or common; return the keys of those that are not rare and their counts."""
    packed, starts, sizes = names
    records = len(matrix)
    known = model is not None and model.records > 0
    if model is not None and known:
        records = model.records
        sizes = np.array([model.name_counts.get(int(key), 1) for key in packed[starts] >> 24], np.int64)
    elif records < enough:
        matrix[:, f.FACTS] |= np.int64(2) << f.FREQUENCY_SHIFT
        return {}
    _note_namesakes(matrix, bits, signs, known and len(matrix) < _WHOLE * records, crowds)
    medium, common = name_steps(records)
    if known:
        notes.note_known_frequency(matrix, packed, bits, sizes, medium, common)
    else:
        notes.note_frequency(matrix, packed, bits, starts, sizes, medium, common)
    frequent = sizes >= medium
    return _kept_names(packed[starts[frequent]] >> 24, sizes[frequent])


def name_steps(records: int) -> tuple[int, int]:
    """Return from how many of so many records on a name is middling, and common."""
    return max(4, round(records * 5e-6)), max(30, round(records * 5e-5))


def frequent_names(names: Ints, counts: Ints) -> dict[int, int]:
    """Return what a model keeps of names that are not rare (distinct `keys.name_key`) and how often each occurs."""
    keys = mixed_all(names) >> 24
    order = np.argsort(keys, kind="stable")
    return _kept_names(keys[order], counts[order])


def _kept_names(keys: Ints, counts: Ints) -> dict[int, int]:
    order = np.argsort(-counts, kind="stable")[:_COMMON_NAMES]
    return dict(zip(keys[order].tolist(), counts[order].tolist(), strict=True))


def _note_namesakes(matrix: Ints, bits: int, signs: Runs, part: bool, crowds: Crowds | None) -> None:
    """
    Mark names by how many records hold their very characters.

    part: only a part of the data is here, so that what looks rare may be common elsewhere: without `crowds` nothing is marked.
    """
    if part and crowds is None:
        return
    packed, starts, sizes = signs
    holders = sizes
    if crowds is not None:
        first = packed[starts] & ((1 << bits) - 1)
        holders = np.maximum(sizes, crowds.of("rare_name", row_keys.rare_key(matrix[first, f.CHARS])))
    notes.note_namesakes(matrix, packed, bits, starts, sizes, holders, notes.FEW)
