"""
Encryption of values and files, and keyed hashes for search. Keys come in as arguments; where they lie is not known here.

A value is AES-256-GCM under a key derived from the keyring's master key; the ciphertext names its key, so that keys can be
rotated. A file is a stream of AES-GCM chunks under a key of its own; a cut, swapped or repeated chunk fails to decrypt.
A keyed hash is BLAKE2b of 8 bytes as a signed 64-bit integer: equal values give equal hashes under one key and kind.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import blake2b
from struct import unpack

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_FILE_MAGIC = b"HTF1"
_FILE_SALT_BYTES = 16
_CHUNK_BYTES = 1 << 20
_TAG_BYTES = 16


class DecryptError(Exception):
    """The bytes are not what was encrypted under this keyring and context: damaged, cut, moved, or another key."""


@lru_cache(maxsize=64)
def _aead(key: bytes) -> AESGCM:
    return AESGCM(key)


def _derive(master: bytes, purpose: bytes, salt: bytes = b"") -> bytes:
    return blake2b(salt, key=master, digest_size=32, person=purpose.ljust(16, b"\0")).digest()


@dataclass(frozen=True)
class Keyring:
    """
    Master keys by number (0..255, 32 bytes each); `current` encrypts, every key decrypts.

    The hash key never rotates with them: it is derived from `hash_master`, because search columns hold its hashes.
    Raises ValueError on a key of another length or a current number without a key.
    """

    masters: Mapping[int, bytes] = field(repr=False)
    current: int
    hash_master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.masters:
            raise ValueError(f"no key under the current number {self.current}")
        if any(len(key) != 32 for key in (*self.masters.values(), self.hash_master)):
            raise ValueError("every key must have 32 bytes")

    @cached_property
    def _hash_key(self) -> bytes:
        return _derive(self.hash_master, b"search hash")

    @cached_property
    def _value_keys(self) -> dict[int, bytes]:
        return {number: _derive(master, b"value") for number, master in self.masters.items()}

    def hash(self, kind: str, value: str) -> int:
        """Return the signed 64-bit keyed hash of one value; the kind ("phone", "card") keeps equal texts of two kinds apart."""
        digest = blake2b(value.encode(), key=self._hash_key, digest_size=8, person=kind.encode()[:16].ljust(16, b"\0"))
        return int.from_bytes(digest.digest(), "big", signed=True)

    def hash_all(self, kind: str, values: Iterable[str]) -> list[int]:
        """Return `hash` of many values in order; the loop is kept tight because a load hashes millions."""
        keyed = blake2b(key=self._hash_key, digest_size=8, person=kind.encode()[:16].ljust(16, b"\0")).copy
        digests = []
        for value in values:  # a copy of the keyed state costs half of keying anew
            state = keyed()
            state.update(value.encode())
            digests.append(state.digest())
        return list(unpack(f">{len(digests)}q", b"".join(digests)))

    def chain(self, previous: str, text: str) -> str:
        """Return the next link (64 hex signs) of a chain of keyed hashes; nobody without the key can forge one."""
        key = _derive(self.hash_master, b"log chain")
        return blake2b(f"{previous}\n{text}".encode(), key=key, digest_size=32).hexdigest()

    def encrypt(self, plain: bytes, *, context: str) -> bytes:
        """Encrypt one value; only `decrypt` with the same context ("identity.record:17") reads it, so rows cannot be swapped."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = _aead(self._value_keys[self.current]).encrypt(nonce, plain, context.encode())
        return bytes([self.current]) + nonce + sealed

    def encrypt_all(self, plains: Sequence[bytes], *, contexts: Iterable[str]) -> list[bytes]:
        """Return `encrypt` of many values in order, each with a random nonce of its own; the randomness is fetched once."""
        seal, head = _aead(self._value_keys[self.current]).encrypt, bytes([self.current])
        drawn = os.urandom(_NONCE_BYTES * len(plains))
        nonces = (drawn[start : start + _NONCE_BYTES] for start in range(0, len(drawn), _NONCE_BYTES))
        return [
            head + nonce + seal(nonce, plain, context.encode())
            for nonce, plain, context in zip(nonces, plains, contexts, strict=True)
        ]

    def decrypt(self, sealed: bytes, *, context: str) -> bytes:
        """Return the value again. Raises DecryptError."""
        sealed = bytes(sealed)  # PostgreSQL hands out memoryviews
        if not sealed or sealed[0] not in self._value_keys:
            raise DecryptError(f"no key for the value of {context}")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return _aead(self._value_keys[sealed[0]]).decrypt(nonce, body, context.encode())
        except InvalidTag as error:
            raise DecryptError(f"the value of {context} does not decrypt") from error

    def encrypt_file(self, plain: bytes, *, context: str) -> bytes:
        """Encrypt the bytes of a whole file in chunks of 1 MiB under a key of its own."""
        salt = os.urandom(_FILE_SALT_BYTES)
        aead = AESGCM(_derive(self.masters[self.current], b"file", salt))
        chunks = max(1, -(-len(plain) // _CHUNK_BYTES))
        view = memoryview(plain)
        parts = [_FILE_MAGIC, bytes([self.current]), salt]
        for index in range(chunks):
            chunk = view[index * _CHUNK_BYTES : (index + 1) * _CHUNK_BYTES]
            parts.append(aead.encrypt(_chunk_nonce(index, last=index == chunks - 1), chunk, context.encode()))
        return b"".join(parts)

    def decrypt_file(self, sealed: bytes, *, context: str) -> bytes:
        """Return the bytes of an encrypted file. Raises DecryptError, also when its end is missing."""
        head = len(_FILE_MAGIC) + 1 + _FILE_SALT_BYTES
        if len(sealed) < head or sealed[:4] != _FILE_MAGIC or sealed[4] not in self.masters:
            raise DecryptError(f"{context} is no file encrypted under this keyring")
        aead = AESGCM(_derive(self.masters[sealed[4]], b"file", sealed[5:head]))
        view = memoryview(sealed)[head:]
        step = _CHUNK_BYTES + _TAG_BYTES
        chunks = max(1, -(-len(view) // step))
        try:
            return b"".join(
                aead.decrypt(
                    _chunk_nonce(index, last=index == chunks - 1),
                    view[index * step : (index + 1) * step],
                    context.encode(),
                )
                for index in range(chunks)
            )
        except InvalidTag as error:
            raise DecryptError(f"{context} does not decrypt: damaged, cut, or another key") from error


def _chunk_nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(_NONCE_BYTES - 1, "big") + (b"\1" if last else b"\0")


def generate_keyring() -> Keyring:
    """Return a keyring with fresh random keys."""
    return Keyring(masters={1: os.urandom(32)}, current=1, hash_master=os.urandom(32))
