"""Cuts a byte stream at a delimiter that never stands within a frame.

A frame that is too long is dropped up to the next delimiter, in one pass over the bytes; what is
found depends on the bytes alone, never on the portions in which they arrive.
"""

from collections.abc import Callable


def _from_the_start(_body: bytes) -> int:
    return 0


class DelimitedCutter:
    """Gives the frames between delimiters, without them; nothing between two is no frame.

    `start` says where in a stretch the frame begins, or -1 where it holds none.
    """

    __slots__ = ("_buffer", "_delimiter", "_discarded", "_is_skipping", "_limit", "_start")

    def __init__(
        self, delimiter: bytes, *, limit: int, start: Callable[[bytes], int] = _from_the_start
    ) -> None:
        self._delimiter = delimiter
        self._limit = limit
        self._start = start
        self._buffer = bytearray()
        self._discarded = 0
        self._is_skipping = False

    @property
    def discarded(self) -> int:
        """Return how many bytes so far belonged to no frame."""
        return self._discarded

    @property
    def pending(self) -> int:
        """Return how many bytes wait for the rest of their frame; at most the limit."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and return the frames that are now complete."""
        return [frame for frame in self.cut(data) if frame]

    def cut(self, data: bytes) -> list[bytes]:
        """Do as `feed`, but return an empty frame for each delimiter that ends nothing."""
        *closed, rest = data.split(self._delimiter)
        frames = []
        for piece in closed:
            self._take(piece)
            frame = self._close()
            if frame is not None:
                frames.append(frame)
        self._take(rest)
        return frames

    def _take(self, piece: bytes) -> None:
        if not self._is_skipping and len(self._buffer) + len(piece) > self._limit:
            self._discarded += len(self._buffer)
            self._buffer.clear()
            self._is_skipping = True
        if self._is_skipping:
            self._discarded += len(piece)
        else:
            self._buffer += piece

    def _close(self) -> bytes | None:
        if self._is_skipping:
            self._discarded += len(self._delimiter)
            self._is_skipping = False
            return None
        body = bytes(self._buffer)
        self._buffer.clear()
        start = self._start(body)
        if start < 0:
            self._discarded += len(body) + len(self._delimiter)
            return None
        self._discarded += start
        return body[start:]
