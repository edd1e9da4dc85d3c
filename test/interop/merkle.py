"""The tree of RFC 6962 and the note that names its root, as whoever checks a proof needs them."""
import base64, hashlib, re, sys


def need(good, otherwise):
    # No assert: python -O leaves those out.
    if not good:
        sys.exit(f"not proved: {otherwise}")


def hash_of(text):
    need(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text), f"{text!r} is no hash")
    return bytes.fromhex(text)


def size_of(value):
    need(type(value) is int and value >= 0, f"{value!r} is no size")
    return value


def read_note(text):
    """The origin, the size and the root of a checkpoint; its signatures are not looked at."""
    found = re.match(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n(\n|\Z)", text)
    need(found, "the checkpoint cannot be read")
    return found[1], int(found[2]), base64.b64decode(found[3])


def leaf(line):
    return hashlib.sha256(b"\x00" + line.encode()).digest()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def left_of(size):
    """Leaves below the left child: the largest power of two that is less than the size."""
    return 1 << (size - 1).bit_length() - 1


def root_with(hash_, index, size, path):
    """The root that a leaf and its path lead to, as RFC 6962, section 2.1.1, takes the path apart; None for no path."""
    if size <= 1 or not path:
        return hash_ if size == 1 and index == 0 and not path else None
    left, rest = left_of(size), path[:-1]
    below = root_with(hash_, index, left, rest) if index < left else root_with(hash_, index - left, size - left, rest)
    if below is None:
        return None
    return node(below, path[-1]) if index < left else node(path[-1], below)


def roots_since(first_root, first, size, path):
    """The roots of the first leaves and of all, as RFC 6962, section 2.1.2, takes the path apart; None for no path.

    `first_root` is None below a right child, where the path itself has to name what lies under both roots.
    """
    if not 1 <= first <= size:
        return None
    if first == size:
        known = path if first_root is None else [first_root, *path]
        return (known[0], known[0]) if len(known) == 1 else None
    if not path:
        return None
    left, step, rest = left_of(size), path[-1], path[:-1]
    roots = roots_since(first_root, first, left, rest) if first <= left else roots_since(None, first - left, size - left, rest)
    if roots is None:
        return None
    old, new = roots
    return (old, node(new, step)) if first <= left else (node(step, old), node(step, new))
