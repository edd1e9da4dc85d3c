"""Checks a proof of Fettle's log with the standard library alone: `verify.py PROOF [CHECKPOINT]`; shares no code with Fettle."""
import base64, hashlib, json, sys


def leaf(line): return hashlib.sha256(b"\x00" + line.encode()).digest()
def node(a, b): return hashlib.sha256(b"\x01" + a + b).digest()


def root_by_inclusion(index, size, hash_, path):
    """RFC 9162, section 2.1.3.2."""
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


def main(proof_file, checkpoint_file=None):
    proof = json.load(open(proof_file, encoding="utf-8"))
    note = open(checkpoint_file, encoding="utf-8").read() if checkpoint_file else proof["checkpoint"]
    origin, size, root = note.split("\n")[:3]
    size, root = int(size), base64.b64decode(root, validate=True)
    assert origin == proof["origin"] and size == proof["size"], "the proof is for another checkpoint"
    inc, line = proof["inclusion"], proof["inclusion"]["line"]
    entry = json.loads(line)
    assert entry["seq"] == inc["seq"] and entry["event"]["v"] == 1, "the line is not the event it says"
    assert json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == line, "not canonical"
    assert root_by_inclusion(inc["seq"], size, leaf(line), [bytes.fromhex(p) for p in inc["path"]]) == root, "not in the log"
    con = proof["consistency"]
    if con:
        path = [bytes.fromhex(p) for p in con["path"]]
        assert is_consistent(con["size"], bytes.fromhex(con["root"]), size, root, path), "the log was rewritten"
    print(f"ok: event {inc['seq']} ({entry['event']['type']}) of {size} in {origin}")


main(*sys.argv[1:])
