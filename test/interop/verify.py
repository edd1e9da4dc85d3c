"""Checks a proof of Fettle's log with the standard library alone: `verify.py PROOF [CHECKPOINT [EARLIER]]`.

Shares no code with Fettle, and checks no signature: a CHECKPOINT that is trusted says that the event is in that log, an
EARLIER one that the log only grew since. Without them the proof is only shown to agree with itself.
"""
import base64, hashlib, json, re, sys


def need(good, otherwise):
    # No assert: python -O leaves those out.
    if not good:
        sys.exit(f"not proved: {otherwise}")


def hash_of(text, what):
    need(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text), f"{what} is no hash")
    return bytes.fromhex(text)


def size_of(value, what):
    need(type(value) is int and value >= 0, f"{what} is no size")
    return value


def read_note(text):
    found = re.match(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n(\n|\Z)", text)
    need(found, "the checkpoint cannot be read")
    return found[1], int(found[2]), base64.b64decode(found[3])


def canonical(value):
    """RFC 8785 for values without fractions."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    need(not isinstance(value, float), "the line holds a fraction")
    return json.dumps(value, ensure_ascii=False)


def leaf(line): return hashlib.sha256(b"\x00" + line.encode()).digest()
def node(a, b): return hashlib.sha256(b"\x01" + a + b).digest()


def root_by_inclusion(index, size, hash_, path):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return None
    fn, sn, r = index, size - 1, hash_
    for p in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def is_consistent(first, first_root, second, second_root, path):
    """RFC 9162, section 2.1.4.2."""
    if first < 1 or first > second:
        return False
    if first == second:
        return not path and first_root == second_root
    if first & (first - 1) == 0:
        path = [first_root] + path
    if not path:
        return False
    fn, sn, fr, sr = first - 1, second - 1, path[0], path[0]
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def main(proof_file, checkpoint_file=None, earlier_file=None):
    proof = json.load(open(proof_file, encoding="utf-8"))
    read = lambda name: open(name, encoding="utf-8", newline="").read()
    origin, size, root = read_note(read(checkpoint_file) if checkpoint_file else proof["checkpoint"])
    need(origin == proof["origin"] and size == size_of(proof["size"], "size"), "the proof is for another checkpoint")
    need(hash_of(proof["root"], "root") == root, "the proof is for another root")
    inc, line = proof["inclusion"], proof["inclusion"]["line"]
    seq, entry = size_of(inc["seq"], "seq"), json.loads(line)
    need(size_of(entry["seq"], "seq") == seq and entry["event"]["v"] == 1, "the line is not the event it says")
    need(canonical(entry) == line, "the line is not canonical")
    path = [hash_of(one, "a step") for one in inc["path"]]
    need(root_by_inclusion(seq, size, leaf(line), path) == root, "the event is not in the log")
    con, since = proof["consistency"], ""
    need(con or not earlier_file, "the proof says nothing of an earlier log")
    if con:
        first, first_root = size_of(con["size"], "the earlier size"), hash_of(con["root"], "the earlier root")
        if earlier_file:
            need(read_note(read(earlier_file)) == (origin, first, first_root), "the earlier log was another one")
        steps = [hash_of(one, "a step") for one in con["path"]]
        need(is_consistent(first, first_root, size, root, steps), "the log was rewritten")
        since = f", which grew from {first}"
    alone = "" if checkpoint_file else "; nobody but the proof says so"
    print(f"ok: event {seq} ({entry['event']['type']}) of {size} in {origin}{since}{alone}")


need(2 <= len(sys.argv) <= 4, "wanted verify.py PROOF [CHECKPOINT [EARLIER]]")
try:
    main(*sys.argv[1:])
except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
    sys.exit(f"not proved: the proof cannot be read ({type(error).__name__})")
