"""A conformant signaling server on FastAPI, for one process. Run it with: JWT_SECRET=... uvicorn fastapi_server:app"""

import asyncio, json, os, re
from contextlib import suppress
from datetime import datetime, timezone

import jwt
from fastapi import FastAPI, Header, HTTPException, WebSocket
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocketDisconnect

SECRET = os.environ["JWT_SECRET"]
ROOM_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
LIMIT = 65_536
app = FastAPI()


def identify(token: str | None) -> dict:
    # AUTH-2 to AUTH-5: the algorithm is pinned, PyJWT checks `exp` and `nbf`.
    claims = jwt.decode(token or "", SECRET, algorithms=["HS256"], options={"require": ["sub"]})
    if not is_text(claims["sub"]) or claims["sub"] == "":
        raise jwt.InvalidTokenError  # AUTH-9: it names no user
    return claims


@app.get("/webrtc/config")
def config(authorization: str = Header(default="")):
    scheme, _, token = authorization.partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise jwt.InvalidTokenError
        identify(token)
    except jwt.InvalidTokenError:
        raise HTTPException(401, "Send a valid token.", headers={"WWW-Authenticate": "Bearer"})
    servers = [{"urls": ["stun:stun.example.com:3478"]}]
    return JSONResponse({"ice_servers": servers}, headers={"Cache-Control": "no-store"})


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


def reject_constant(name: str):
    raise ValueError(f"{name} is not JSON")


def frame(room_id: str, type_: str, payload: dict, **more) -> str:
    message = {"timestamp": now(), **more, "type": type_, "payload": payload, "room_id": room_id}
    return json.dumps(message, allow_nan=False)


def error(room_id: str, code: str, message: str, **details) -> str:
    return frame(room_id, "error", {"code": code, "message": message, **({"details": details} if details else {})})


class Member:
    """One connection. Whoever has something for it puts it into the outbox and never waits."""

    def __init__(self, socket: WebSocket, claims: dict):
        self.socket = socket
        self.user_id = claims["sub"]
        self.info = {"user_id": self.user_id, "joined_at": now()}
        if isinstance(claims.get("name"), str):
            self.info["username"] = claims["name"]
        self.outbox: asyncio.Queue[str | int] = asyncio.Queue()

    async def write(self) -> None:
        with suppress(Exception):
            while True:
                item = await self.outbox.get()
                if isinstance(item, int):
                    return await self.socket.close(item)
                await self.socket.send_text(item)


rooms: dict[str, dict[str, Member]] = {}


def tell(room_id: str, text: str, but: Member | None = None) -> None:
    for member in rooms.get(room_id, {}).values():
        if member is not but:
            member.outbox.put_nowait(text)


# join, leave and receive never await: each is one step for everybody (JOIN-7, JOIN-9, LEAVE-4).
def join(room_id: str, member: Member) -> None:
    room = rooms.setdefault(room_id, {})
    older = room.get(member.user_id)
    if older is not None:
        leave(room_id, older, "replaced")
        older.outbox.put_nowait(4001)
        room = rooms.setdefault(room_id, {})
    room[member.user_id] = member
    participants = [each.info for each in room.values()]
    state = {
        "participants": participants,
        "participant_count": len(participants),
        "your_user_id": member.user_id,
        "room_id": room_id,
    }
    member.outbox.put_nowait(frame(room_id, "room_state", state))
    joined = {key: member.info[key] for key in ("user_id", "username") if key in member.info}
    tell(room_id, frame(room_id, "user_joined", joined), but=member)


def leave(room_id: str, member: Member, reason: str) -> None:
    room = rooms.get(room_id, {})
    if room.get(member.user_id) is not member:
        return  # LEAVE-1: it was replaced, so it has left already
    del room[member.user_id]
    if not room:
        del rooms[room_id]
    tell(room_id, frame(room_id, "user_left", {"user_id": member.user_id, "reason": reason}))


def is_text(value) -> bool:
    return isinstance(value, str)


def is_id(value) -> bool:
    return is_text(value) and len(value) <= 64


def is_optional(check):
    return lambda value: value is None or check(value)


def is_index(value) -> bool:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.0 is an integer in JSON Schema
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65_535


TARGET = {"target_user_id": is_optional(is_text)}
SESSION = {"sdp": lambda v: is_text(v) and v != "", "offer_id": is_optional(lambda v: is_id(v) and v != ""), **TARGET}
SHAPES = {
    "offer": {"type": lambda v: v == "offer", **SESSION},
    "answer": {"type": lambda v: v in ("answer", "pranswer"), **SESSION},
    "ice_candidate": {
        "candidate": is_text,
        "sdp_mid": is_optional(is_text),
        "sdp_m_line_index": is_optional(is_index),
        "username_fragment": is_optional(is_text),
        **TARGET,
    },
}
ENVELOPE = ("type", "payload", "room_id", "timestamp", "sender_id", "id")
NEEDED = {"offer": ("type", "sdp"), "answer": ("type", "sdp"), "ice_candidate": ("candidate",)}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def is_timestamp(value) -> bool:
    if not is_text(value) or not RFC3339.fullmatch(value):
        return False
    with suppress(ValueError):
        datetime.fromisoformat(re.sub(r"\.\d+", "", value.upper()))
        return True
    return False


def lookalikes(members: dict, known) -> list[str]:
    # ERROR-14: decoders that ignore case read `Sender_ID` as `sender_id`, and U+017F as an s.
    return [name for name in members if name not in known and name.upper().lower() in known]


def receive(room_id: str, sender: Member, text: str) -> None:
    message = None

    def refuse(code: str, text: str, **details) -> None:
        id_ = message.get("id") if isinstance(message, dict) else None
        if is_id(id_):
            details["message_id"] = id_  # ERROR-13
        sender.outbox.put_nowait(error(room_id, code, text, **details))

    if len(text.encode("utf-8", "surrogatepass")) > LIMIT:
        return refuse("MESSAGE_TOO_LARGE", f"At most {LIMIT} bytes are taken.")
    try:
        message = json.loads(text, parse_constant=reject_constant)
    except (ValueError, RecursionError):
        return refuse("INVALID_MESSAGE", "The frame is not JSON.")
    fits = (
        isinstance(message, dict)
        and is_text(message.get("type"))
        and isinstance(message.get("payload"), dict)
        and all(is_optional(is_text)(message.get(name)) for name in ("room_id", "sender_id"))
        and is_optional(is_timestamp)(message.get("timestamp"))
        and is_optional(is_id)(message.get("id"))
    )
    if not fits or lookalikes(message, ENVELOPE):
        return refuse("INVALID_MESSAGE", "The frame is no envelope.")
    type_, payload = message["type"], message["payload"]
    if type_ not in SHAPES:
        return refuse("INVALID_MESSAGE_TYPE", f"Clients send {', '.join(SHAPES)}.")
    if message.get("room_id") not in (None, room_id):
        return refuse("ROOM_MISMATCH", "This connection is in another room.")
    errors = [
        {"path": f"/payload/{name}", "message": "is missing or not valid"}
        for name, check in SHAPES[type_].items()
        if (name in payload and not check(payload[name])) or (name in NEEDED[type_] and name not in payload)
    ]
    errors += [
        {"path": f"/payload/{name}", "message": "differs from a known member in letter case only"}
        for name in lookalikes(payload, ("sender_id", *SHAPES[type_]))
    ]
    if errors:
        return refuse("INVALID_PAYLOAD", f"{type_}: {errors[0]['path']} is not valid.", errors=errors)

    # RELAY-4, RELAY-5, RELAY-8, RELAY-9: everything else stays as it came, nulls and unknown members included.
    stamped = {
        **message,
        "room_id": room_id,
        "timestamp": message.get("timestamp") or now(),
        "sender_id": sender.user_id,
        "payload": {**payload, "sender_id": sender.user_id},
    }
    try:
        relayed = json.dumps(stamped, allow_nan=False)
    except (ValueError, RecursionError):  # ERROR-11: 1e400 was read as infinity, which JSON cannot say
        return refuse("INVALID_MESSAGE", "The message cannot be relayed.")
    target_id = payload.get("target_user_id")
    if target_id is None:
        return tell(room_id, relayed, but=sender)
    target = rooms[room_id].get(target_id)
    if target is None or target is sender:
        return refuse("TARGET_NOT_FOUND", "No other participant has this target_user_id.")
    target.outbox.put_nowait(relayed)


@app.websocket("/webrtc/ws/{room_id}")
async def signaling(socket: WebSocket, room_id: str, token: str | None = None):
    await socket.accept()  # AUTH-8: a browser reads the reason only after the handshake
    refusal = None
    try:
        claims = identify(token)  # before the room: who has no token learns nothing of rooms
    except jwt.InvalidTokenError:
        refusal = ("UNAUTHORIZED", "The token is missing or not valid.")
    if not refusal and not ROOM_ID.fullmatch(room_id):  # `match` with `$` lets a trailing line feed pass (ROOM-2)
        refusal = ("INVALID_ROOM_ID", "A room id is 1 to 100 letters, digits, hyphens and underscores.")
    if refusal:
        await socket.send_text(error(room_id, *refusal))
        return await socket.close(1008)

    member = Member(socket, claims)
    writer = asyncio.create_task(member.write())
    join(room_id, member)
    reason = "disconnected"
    try:
        while True:
            event = await socket.receive()
            if event["type"] == "websocket.disconnect":
                reason = "left" if event.get("code") in (1000, 1001, 1005) else "disconnected"
                return
            if rooms.get(room_id, {}).get(member.user_id) is not member:
                continue  # LEAVE-4: it was replaced, so nothing it says counts
            if event.get("text") is None:
                member.outbox.put_nowait(error(room_id, "INVALID_MESSAGE", "Messages are text."))
            else:
                receive(room_id, member, event["text"])
    finally:
        leave(room_id, member, reason)
        writer.cancel()
