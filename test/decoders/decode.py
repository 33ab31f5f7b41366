"""Reads messages, one in base64 a line, as the two kinds of decoders do that know no error for a name that stands twice."""
import base64
import json
import sys


def first_wins(pairs):
    found = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


hook = {"first": first_wins, "last": dict}[sys.argv[1]]
for line in sys.stdin:
    message = json.loads(base64.b64decode(line), object_pairs_hook=hook)
    payload = message["payload"]
    names = [message.get(name) for name in ("type", "room_id", "sender_id")]
    print(json.dumps([*names, *(payload.get(name) for name in ("sender_id", "target_user_id", "type", "sdp"))]))
