"""
The form of a backup: one tar file, its members, and last a list of them with sizes and SHA-256 sums.

    database.sqlite3 or database.dump   the operations database
    landing/<source>/<batch>/<file>     the landing, encrypted parts as they are
    backup.json                         what is inside, made by which release, when

The key file is never inside: whoever finds a backup must not be able to read it.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
LIST_NAME = "backup.json"
_PIECE = 1 << 20


class BackupDamaged(Exception):
    """The file is no backup, is cut, or a member is not what was written; the message names it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What a backup holds. vendor: sqlite or postgresql. made_at: ISO, UTC, the moment of the database's snapshot.
    migrations: the applied ones as app.name.
    """

    format: int
    release: str
    made_at: str
    vendor: str
    migrations: tuple[str, ...]
    members: tuple[Member, ...]


def member_add(archive: tarfile.TarFile, path: Path, name: str) -> Member:
    """Write one file into the archive and return its line of the list."""
    size = path.stat().st_size
    with path.open("rb") as plain:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        reader = _Hashing(plain)
        archive.addfile(info, reader)
    return Member(name, size, reader.digest.hexdigest())


def contents_add(archive: tarfile.TarFile, contents: Contents) -> None:
    """Write the list; it is the last member, so that a cut file has none."""
    text = json.dumps(asdict(contents), ensure_ascii=False, indent=1).encode()
    info = tarfile.TarInfo(LIST_NAME)
    info.size, info.mode = len(text), 0o600
    archive.addfile(info, io.BytesIO(text))


def contents_verify(path: Path) -> Contents:
    """Read the whole file and return its list. Raises BackupDamaged unless every member is there and has its sum."""
    try:
        return _verified(path)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupDamaged(f"{path} cannot be read as a backup: {error}") from error


def _verified(path: Path) -> Contents:
    found: dict[str, Member] = {}
    contents: Contents | None = None
    for info, read in _members(path):
        if info.name == LIST_NAME:
            contents = _contents(read)
            continue
        digest = hashlib.sha256()
        for piece in read:
            digest.update(piece)
        found[info.name] = Member(info.name, info.size, digest.hexdigest())
    if contents is None:
        raise BackupDamaged(f"{path.name} has no {LIST_NAME} at its end: it was cut while it was written or copied")
    for member in contents.members:
        if found.get(member.name) != member:
            raise BackupDamaged(f"{member.name} in {path.name} is missing or is not what was written")
    strange = found.keys() - {member.name for member in contents.members}
    if strange:
        raise BackupDamaged(f"{path.name} holds files that its list does not name: {', '.join(sorted(strange)[:3])}")
    return contents


def members_extract(path: Path, folder: Path) -> Iterator[Path]:
    """Write every member below the folder and yield its path. Verify first: names are trusted only from a checked list."""
    for info, read in _members(path):
        if info.name == LIST_NAME:
            continue
        target = folder / info.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise BackupDamaged(f"{info.name} would be written outside the data folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as plain:
            for piece in read:
                plain.write(piece)
        target.chmod(0o600)
        yield target


def _members(path: Path) -> Iterator[tuple[tarfile.TarInfo, Iterator[bytes]]]:
    with tarfile.open(path, "r:") as archive:
        for info in archive:
            plain = archive.extractfile(info)
            if plain is None:
                raise BackupDamaged(f"{info.name} in {path.name} is no plain file")
            yield info, iter(lambda plain=plain: plain.read(_PIECE), b"")  # type: ignore[misc]


def _contents(read: Iterator[bytes]) -> Contents:
    try:
        values: dict[str, Any] = json.loads(b"".join(read))
        values["members"] = tuple(Member(**member) for member in values["members"])
        values["migrations"] = tuple(values["migrations"])
        contents = Contents(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(f"{LIST_NAME} is unreadable: {error}") from error
    if contents.format != FORMAT:
        raise BackupDamaged(f"the backup has format {contents.format}, this release reads {FORMAT}: use the release that made it")
    return contents


class _Hashing:
    """Passes bytes on and sums them up."""

    def __init__(self, plain: io.BufferedReader) -> None:
        self._plain = plain
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._plain.read(size)
        self.digest.update(piece)
        return piece
