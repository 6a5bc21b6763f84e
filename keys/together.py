"""One signature for many statements: a tree of hashes whose root is signed, and for each statement its way up there.

Leaves and nodes are hashed apart, as in RFC 9162, section 2.1.1, so that neither passes for the other. Of an odd
number, the last one goes up as it is.
"""

import hashlib
from collections.abc import Iterator, Sequence

from keys.errors import KeyRefused

_LEAF, _NODE = b"\0", b"\1"
_LEFT, _RIGHT = b"\0", b"\1"
_HASH = hashlib.sha256().digest_size
_STEP = 1 + _HASH


def grow(statements: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
    """Return the root of one statement or more, and the way up from each of them.

    A way is a row of steps of 33 bytes: on which side the neighbour stands (0 left, 1 right), and its hash.
    """
    levels = [[_hash(_LEAF, statement) for statement in statements]]
    while len(levels[-1]) > 1:
        levels.append(list(_above(levels[-1])))
    (root,) = levels.pop()
    return root, [_way(levels, place) for place in range(len(statements))]


def climb(statement: bytes, way: bytes) -> bytes:
    """Return the root to which a way leads up from a statement.

    :raises KeyRefused: this is no way
    """
    reached = _hash(_LEAF, statement)
    for side, neighbour in steps(way):
        reached = _hash(_NODE, neighbour + reached if side == _LEFT else reached + neighbour)
    return reached


def steps(way: bytes) -> list[tuple[bytes, bytes]]:
    """Part a way into its steps: the side of each neighbour, and its hash.

    :raises KeyRefused: this is no way
    """
    cut = [(way[start : start + 1], way[start + 1 : start + _STEP]) for start in range(0, len(way), _STEP)]
    if any(side not in (_LEFT, _RIGHT) or len(neighbour) != _HASH for side, neighbour in cut):
        raise KeyRefused("way_of_signature")
    return cut


def _above(level: Sequence[bytes]) -> Iterator[bytes]:
    pairs = len(level) // 2
    for pair in range(pairs):
        yield _hash(_NODE, level[2 * pair] + level[2 * pair + 1])
    yield from level[2 * pairs :]


def _way(levels: Sequence[Sequence[bytes]], place: int) -> bytes:
    way = b""
    for level in levels:
        neighbour = place ^ 1
        if neighbour < len(level):
            way += (_RIGHT if neighbour > place else _LEFT) + level[neighbour]
        place //= 2
    return way


def _hash(kind: bytes, data: bytes) -> bytes:
    return hashlib.sha256(kind + data).digest()
