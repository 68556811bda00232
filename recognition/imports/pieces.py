"""A zip file that lies in pieces, read as one file without ever being in memory as a whole."""

import io

from recognition.imports.models import ImportPiece, PeopleImport

MOST_AT_ONCE_BYTES = 4_000_000  # of a zip file only its directory is read in one go: that of some 40,000 files


class TooMuchAtOnce(Exception):
    """The zip file's directory is larger than any that this takes."""


class PieceReader(io.IOBase):
    """Read-only and seekable; holds one decrypted piece at a time."""

    def __init__(self, source: PeopleImport) -> None:
        rows = source.pieces.order_by("number").values_list("pk", "size_bytes")
        self._pieces: list[tuple[int, int, int]] = []  # where each begins and ends, and its row
        end = 0
        for row, size_bytes in rows:
            self._pieces.append((end, end + size_bytes, row))
            end += size_bytes
        self._size = end
        self._at = 0
        self._held = (0, 0, b"")  # where it begins and ends, and its bytes

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._at = start + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        wanted = left if size < 0 else min(size, left)
        if wanted > MOST_AT_ONCE_BYTES:
            raise TooMuchAtOnce
        parts = []
        while wanted:
            part = self._part(wanted)
            parts.append(part)
            wanted -= len(part)
            self._at += len(part)
        return b"".join(parts)

    def _part(self, wanted: int) -> bytes:
        begin, end, content = self._held
        if not begin <= self._at < end:
            begin, end, row = next(piece for piece in self._pieces if piece[0] <= self._at < piece[1])
            content = bytes(ImportPiece.objects.get(pk=row).content)
            self._held = (begin, end, content)
        return content[self._at - begin : self._at - begin + wanted]
