"""
Uploaded files while their request runs: what is too large for memory lies on the disk encrypted.

The key is made for one file and kept in memory only; when the process dies, what is left in the temp folder is noise.
"""

import io
import os
import tempfile
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

_BLOCK = 16  # of AES


class SealedSpool(io.RawIOBase):
    """A temporary file that is written once from its start and read anywhere; AES-256-CTR, each offset has its own key stream."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile(prefix="huitou-upload-")  # noqa: SIM115 - lives as long as the request
        self._key, self._nonce = os.urandom(32), int.from_bytes(os.urandom(16), "big")
        self._writer = self._cipher(0).encryptor()
        self._size = self._at = 0

    def _cipher(self, block: int) -> Cipher[modes.CTR]:
        counter = ((self._nonce + block) % (1 << 128)).to_bytes(16, "big")
        return Cipher(algorithms.AES(self._key), modes.CTR(counter))

    def append(self, content: bytes) -> None:
        """Add what came next."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(self._writer.update(content))
        self._size += len(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), max(0, self._size - self._at))
        if not wanted:
            return 0
        skip = self._at % _BLOCK
        self._file.seek(self._at - skip)
        clear = self._cipher(self._at // _BLOCK).decryptor().update(self._file.read(skip + wanted))[skip:]
        buffer[: len(clear)] = clear
        self._at += len(clear)
        return len(clear)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class SealedUploadHandler(FileUploadHandler):
    """Takes what Django's handler for small files left: spools it encrypted."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._spool = SealedSpool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._spool.append(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """Return the file, at its start."""
        return UploadedFile(
            file=io.BufferedReader(self._spool), name=self.file_name, content_type=self.content_type, size=file_size,
            charset=self.charset, content_type_extra=self.content_type_extra,
        )  # fmt: skip

    def upload_interrupted(self) -> None:
        if hasattr(self, "_spool"):
            self._spool.close()
