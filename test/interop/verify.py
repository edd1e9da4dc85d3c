"""Checks a proof of Fettle's log with the standard library alone: `verify.py PROOF [CHECKPOINT [EARLIER]]`.

Needs `merkle.py` beside it, shares no code with Fettle, and checks no signature: a CHECKPOINT that is trusted says that
the event is in that log, an EARLIER one that the log only grew since. Without them the proof only agrees with itself.
"""
import json, pathlib, sys
from merkle import hash_of, leaf, need, read_note, root_with, roots_since, size_of


def in_order(pairs):
    """RFC 8785 sorts the names of an object by their UTF-16 units, each of them once."""
    names = [name.encode("utf-16-be") for name, _ in pairs]
    need(names == sorted(set(names)), "the line is not canonical")
    return dict(pairs)


def no_fraction(text):
    need(False, f"the line holds {text}")


def read_line(line):
    entry = json.loads(line, object_pairs_hook=in_order, parse_float=no_fraction, parse_constant=no_fraction)
    need(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) == line, "the line is not canonical")
    return entry


def text_of(name):
    return pathlib.Path(name).read_bytes().decode()


def main(proof_file, checkpoint_file=None, earlier_file=None):
    proof = json.loads(text_of(proof_file))
    origin, size, root = read_note(text_of(checkpoint_file) if checkpoint_file else proof["checkpoint"])
    need(origin == proof["origin"] and size == size_of(proof["size"]), "the proof is for another checkpoint")
    need(hash_of(proof["root"]) == root, "the proof is for another root")

    included, grown = proof["inclusion"], proof["consistency"]
    seq, entry = size_of(included["seq"]), read_line(included["line"])
    need(size_of(entry["seq"]) == seq and entry["event"]["v"] == 1, "the line is not the event it says")
    found = root_with(leaf(included["line"]), seq, size, [hash_of(step) for step in included["path"]])
    need(found == root, "the event is not in the log")

    need(grown or not earlier_file, "the proof says nothing of an earlier log")
    if grown:
        first, first_root = size_of(grown["size"]), hash_of(grown["root"])
        earlier = read_note(text_of(earlier_file)) if earlier_file else (origin, first, first_root)
        need(earlier == (origin, first, first_root), "the earlier log was another one")
        roots = roots_since(first_root, first, size, [hash_of(step) for step in grown["path"]])
        need(roots == (first_root, root), "the log was rewritten")
    since = f", which grew from {grown['size']}" if grown else ""
    alone = "" if checkpoint_file else "; nobody but the proof says so"
    print(f"ok: event {seq} ({entry['event']['type']}) of {size} in {origin}{since}{alone}")


need(2 <= len(sys.argv) <= 4, "wanted verify.py PROOF [CHECKPOINT [EARLIER]]")
try:
    main(*sys.argv[1:])
except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
    sys.exit(f"not proved: the proof cannot be read ({type(error).__name__})")
