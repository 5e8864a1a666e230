"""The body of an upstream's answer: not too long, and unpacked."""

import zlib
from collections.abc import Iterable, Sequence

from petition.errors import UpstreamError

# No more than can be passed on: Lambda's own answers are 6 MB at most.
MAX_BYTES = 16 * 1024 * 1024
GZIP_WINDOW = 31  # tells zlib to expect a gzip header

type Headers = Sequence[tuple[bytes, bytes]]


def read_content(headers: Headers, pieces: Iterable[bytes]) -> bytes:
    """Read a body to its end. Supabase's network packs long ones with gzip.

    Raises:
        UpstreamError: it is over `MAX_BYTES` long, packed or unpacked, or cannot be unpacked.
    """
    content = _join(pieces)
    encodings = [value.lower() for name, value in headers if name.lower() == b"content-encoding"]
    return _unpack(content) if encodings == [b"gzip"] else content


def _join(pieces: Iterable[bytes]) -> bytes:
    joined, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_BYTES:
            raise UpstreamError
        joined.append(piece)
    return b"".join(joined)


def _unpack(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        unpacked = unpacker.decompress(content, MAX_BYTES)
    except zlib.error as error:
        raise UpstreamError from error
    if content and not unpacker.eof:
        raise UpstreamError
    return unpacked
