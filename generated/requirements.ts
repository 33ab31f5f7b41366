// Generated from asyncapi.yaml, openapi.yaml and schemas/ by `npm run generate`. Do not edit.

/** Permanent id of a rule. */
export type RequirementId =
  | 'CONFIG-1'
  | 'CONFIG-2'
  | 'CONFIG-3'
  | 'CONFIG-4'
  | 'CONFIG-5'
  | 'CONFIG-6'
  | 'CONFIG-7'
  | 'CONFIG-8'
  | 'CONFIG-9'
  | 'CONFIG-10'
  | 'CONFIG-11'
  | 'CONFIG-12'
  | 'CONFIG-13'
  | 'AUTH-1'
  | 'AUTH-2'
  | 'AUTH-3'
  | 'AUTH-4'
  | 'AUTH-5'
  | 'AUTH-6'
  | 'AUTH-7'
  | 'AUTH-8'
  | 'AUTH-9'
  | 'AUTH-10'
  | 'AUTH-12'
  | 'AUTH-13'
  | 'ROOM-1'
  | 'ROOM-2'
  | 'ROOM-3'
  | 'ROOM-4'
  | 'ROOM-5'
  | 'ROOM-6'
  | 'ROOM-7'
  | 'JOIN-1'
  | 'JOIN-2'
  | 'JOIN-3'
  | 'JOIN-4'
  | 'JOIN-5'
  | 'JOIN-6'
  | 'JOIN-7'
  | 'JOIN-8'
  | 'JOIN-9'
  | 'JOIN-10'
  | 'JOIN-11'
  | 'JOIN-12'
  | 'JOIN-13'
  | 'RELAY-1'
  | 'RELAY-2'
  | 'RELAY-3'
  | 'RELAY-4'
  | 'RELAY-5'
  | 'RELAY-6'
  | 'RELAY-7'
  | 'RELAY-8'
  | 'RELAY-9'
  | 'RELAY-10'
  | 'RELAY-11'
  | 'RELAY-12'
  | 'RELAY-13'
  | 'OFFER-1'
  | 'OFFER-2'
  | 'ANSWER-1'
  | 'ICE-1'
  | 'ICE-2'
  | 'ICE-3'
  | 'LEAVE-1'
  | 'LEAVE-2'
  | 'LEAVE-3'
  | 'LEAVE-4'
  | 'LEAVE-5'
  | 'LEAVE-6'
  | 'ERROR-1'
  | 'ERROR-2'
  | 'ERROR-3'
  | 'ERROR-4'
  | 'ERROR-5'
  | 'ERROR-6'
  | 'ERROR-7'
  | 'ERROR-8'
  | 'ERROR-9'
  | 'ERROR-10'
  | 'ERROR-11'
  | 'ERROR-12'
  | 'ERROR-13'
  | 'ERROR-14'
  | 'LIMIT-1'
  | 'LIVE-1'
  | 'LIVE-2'
  | 'LIVE-3'
  | 'LIVE-4'
  | 'CLIENT-1'
  | 'CLIENT-2'
  | 'CLIENT-3'
  | 'CLIENT-4'
  | 'CLIENT-5'
  | 'CLIENT-6'
  | 'CLIENT-7'
  | 'CLIENT-8'
  | 'CLIENT-9'
  | 'CLIENT-10'
  | 'CLIENT-11'
  | 'CLIENT-12'
  | 'CLIENT-13'
  | 'CLIENT-14'
  | 'CLIENT-16'
  | 'CLIENT-17'
  | 'CLIENT-20';

/** Name of an optional feature; its rules bind only a server that claims it. */
export type Feature = 'capacity' | 'cors' | 'heartbeat' | 'ice-check' | 'rate-limit' | 'shutdown';

/** Area of the protocol: what an id begins with. */
export type RequirementArea = 'CONFIG' | 'AUTH' | 'ROOM' | 'JOIN' | 'RELAY' | 'OFFER' | 'ANSWER' | 'ICE' | 'LEAVE' | 'ERROR' | 'LIMIT' | 'LIVE' | 'CLIENT';

/** RFC 2119 level. */
export type RequirementLevel = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';

/** A rule of the protocol and where it stands in the documents. */
export interface Requirement {
  id: RequirementId;
  level: RequirementLevel;
  text: string;
  /** The optional feature it belongs to. */
  feature?: Feature;
  /** Why no test can observe it. */
  untestable?: string;
  /** Whom it binds. */
  party: 'server' | 'client';
  /** File that states it. */
  document: string;
  /** Line in that file, from 1. */
  line: number;
  /** The element it governs. */
  subject: string;
}

/** Version of the documents, and the SHA-256 of each with all schemas. */
export const specification = {
  version: '1.0.0',
  asyncapiSha256: '11eb77e37b4b083856dd7c6b8b1abd833a6569cd1e7a6ae53260a2efb639202f',
  openapiSha256: '05978ed46468b09583a8b3a3d7553ae79aea4f87a2a83387a17a9e93edbd5300',
} as const;

/** Every area, with its name for people. */
export const requirementAreas: Readonly<Record<RequirementArea, string>> = {"CONFIG":"Configuration over HTTP","AUTH":"Admission","ROOM":"Rooms","JOIN":"Joining","RELAY":"Relaying","OFFER":"Offers","ANSWER":"Answers","ICE":"ICE candidates","LEAVE":"Leaving","ERROR":"Errors","LIMIT":"Limits","LIVE":"Connection","CLIENT":"Clients"};

/** The area that a rule belongs to. */
export function areaOf(id: RequirementId): RequirementArea {
  return id.slice(0, id.lastIndexOf('-')) as RequirementArea;
}

/** Every optional feature the documents name. */
export const features: readonly Feature[] = ['capacity', 'cors', 'heartbeat', 'ice-check', 'rate-limit', 'shutdown'];

/** Every rule, by id. */
export const requirements: Readonly<Record<RequirementId, Requirement>> = {
  'CONFIG-1': {"id":"CONFIG-1","level":"MUST","text":"With a valid bearer token, the answer is 200 with `application/json` and a body valid against its schema.","party":"server","document":"openapi.yaml","line":36,"subject":"GET /webrtc/config"},
  'CONFIG-2': {"id":"CONFIG-2","level":"MUST","text":"Without `Authorization`, the answer is 401.","party":"server","document":"openapi.yaml","line":39,"subject":"GET /webrtc/config"},
  'CONFIG-3': {"id":"CONFIG-3","level":"MUST","text":"With a malformed, badly signed, `alg: none`, expired or not yet valid token, the answer is 401 (a tolerance of up to 60 s is allowed, as in AUTH-4).","party":"server","document":"openapi.yaml","line":42,"subject":"GET /webrtc/config"},
  'CONFIG-4': {"id":"CONFIG-4","level":"SHOULD","text":"Each 401 carries `WWW-Authenticate: Bearer` (RFC 6750).","party":"server","document":"openapi.yaml","line":45,"subject":"GET /webrtc/config"},
  'CONFIG-5': {"id":"CONFIG-5","level":"MUST","text":"Every ICE server URL is a `stun:`, `stuns:`, `turn:` or `turns:` URI (RFC 7064, RFC 7065).","party":"server","document":"openapi.yaml","line":48,"subject":"GET /webrtc/config"},
  'CONFIG-6': {"id":"CONFIG-6","level":"MUST","text":"An entry with a `turn:` or `turns:` URL carries a non-empty `username` and `credential`.","party":"server","document":"openapi.yaml","line":51,"subject":"GET /webrtc/config"},
  'CONFIG-7': {"id":"CONFIG-7","level":"SHOULD","text":"The answer is `Cache-Control: no-store`, because it carries credentials.","party":"server","document":"openapi.yaml","line":54,"subject":"GET /webrtc/config"},
  'CONFIG-8': {"id":"CONFIG-8","level":"SHOULD","text":"Error answers are JSON objects with a string `detail`; `application/problem+json` (RFC 9457) is one.","party":"server","document":"openapi.yaml","line":57,"subject":"GET /webrtc/config"},
  'CONFIG-9': {"id":"CONFIG-9","level":"SHOULD","text":"Methods other than GET, HEAD and OPTIONS are answered 405 with `Allow`.","party":"server","document":"openapi.yaml","line":60,"subject":"GET /webrtc/config"},
  'CONFIG-10': {"id":"CONFIG-10","level":"SHOULD","text":"A preflight for GET with `Authorization` from an allowed origin is granted.","feature":"cors","party":"server","document":"openapi.yaml","line":63,"subject":"GET /webrtc/config"},
  'CONFIG-11': {"id":"CONFIG-11","level":"SHOULD","text":"At least one ICE server is listed.","party":"server","document":"openapi.yaml","line":67,"subject":"GET /webrtc/config"},
  'CONFIG-12': {"id":"CONFIG-12","level":"SHOULD","text":"Each listed STUN server answers a binding request, and each TURN server grants an allocation with the listed credentials.","feature":"ice-check","party":"server","document":"openapi.yaml","line":70,"subject":"GET /webrtc/config"},
  'CONFIG-13': {"id":"CONFIG-13","level":"SHOULD","text":"The origin is granted on the answers too, 200 and 401, not only on the preflight.","feature":"cors","party":"server","document":"openapi.yaml","line":74,"subject":"GET /webrtc/config"},
  'AUTH-1': {"id":"AUTH-1","level":"MUST","text":"A valid token in the `token` query parameter is admitted.","party":"server","document":"asyncapi.yaml","line":115,"subject":"channel room"},
  'AUTH-2': {"id":"AUTH-2","level":"MUST","text":"A connection without a token is refused.","party":"server","document":"asyncapi.yaml","line":118,"subject":"channel room"},
  'AUTH-3': {"id":"AUTH-3","level":"MUST","text":"A malformed, badly signed or `alg: none` token is refused.","party":"server","document":"asyncapi.yaml","line":121,"subject":"channel room"},
  'AUTH-4': {"id":"AUTH-4","level":"MUST","text":"A token that expired more than 60 s ago is refused; a tolerance of up to 60 s is allowed.","party":"server","document":"asyncapi.yaml","line":124,"subject":"channel room"},
  'AUTH-5': {"id":"AUTH-5","level":"MUST","text":"A token whose `nbf` lies more than 60 s in the future is refused; a tolerance of up to 60 s is allowed.","party":"server","document":"asyncapi.yaml","line":127,"subject":"channel room"},
  'AUTH-6': {"id":"AUTH-6","level":"MUST","text":"A refused connection gets no message but `error`, and its room learns nothing of it.","party":"server","document":"asyncapi.yaml","line":130,"subject":"channel room"},
  'AUTH-7': {"id":"AUTH-7","level":"MUST","text":"A refusal is an HTTP 4xx to the handshake, or `error` then close 1008.","party":"server","document":"asyncapi.yaml","line":133,"subject":"channel room"},
  'AUTH-8': {"id":"AUTH-8","level":"SHOULD","text":"A refusal is readable by browsers: `error` with the fitting code, then close 1008. Of a bad token and a bad room id at once, UNAUTHORIZED is the fitting code.","party":"server","document":"asyncapi.yaml","line":136,"subject":"channel room"},
  'AUTH-9': {"id":"AUTH-9","level":"MUST","text":"A participant's `user_id` is fixed by its token (its `sub`, a non-empty string, unless the deployment names another claim): the same for each connection of one user, with whatever token of that user, and different between users. A token that names no user is refused.","party":"server","document":"asyncapi.yaml","line":139,"subject":"channel room"},
  'AUTH-10': {"id":"AUTH-10","level":"MUST","text":"No message or HTTP answer carries any participant's token.","party":"server","document":"asyncapi.yaml","line":142,"subject":"channel room"},
  'AUTH-12': {"id":"AUTH-12","level":"MUST","text":"The answer to a handshake selects a subprotocol only if the client offered it and the server speaks it, and never one that carries a token.","party":"server","document":"asyncapi.yaml","line":145,"subject":"channel room"},
  'AUTH-13': {"id":"AUTH-13","level":"MUST","text":"A handshake with an `Origin`, with extensions or with subprotocols offered is admitted as one without, unless the deployment names the allowed origins, and then from those.","party":"server","document":"asyncapi.yaml","line":148,"subject":"channel room"},
  'ROOM-1': {"id":"ROOM-1","level":"MUST","text":"Room ids matching `^[A-Za-z0-9_-]{1,100}$` are accepted, the longest included; percent-encoded, such an id names the same room (RFC 3986).","party":"server","document":"asyncapi.yaml","line":151,"subject":"channel room"},
  'ROOM-2': {"id":"ROOM-2","level":"MUST","text":"Any other room id is refused, never mapped onto another room.","party":"server","document":"asyncapi.yaml","line":154,"subject":"channel room"},
  'ROOM-3': {"id":"ROOM-3","level":"MUST","text":"Room ids are case-sensitive.","party":"server","document":"asyncapi.yaml","line":157,"subject":"channel room"},
  'ROOM-4': {"id":"ROOM-4","level":"MUST","text":"Nothing said in one room reaches another.","party":"server","document":"asyncapi.yaml","line":160,"subject":"channel room"},
  'ROOM-5': {"id":"ROOM-5","level":"MUST","text":"After the last participant left, the next to join finds itself alone.","party":"server","document":"asyncapi.yaml","line":163,"subject":"channel room"},
  'ROOM-6': {"id":"ROOM-6","level":"MUST","text":"A join beyond capacity is refused with ROOM_FULL; others are told nothing of it, and a place freed can be taken. A member who connects again to a full room replaces its older connection, and is never refused.","feature":"capacity","party":"server","document":"asyncapi.yaml","line":166,"subject":"channel room"},
  'ROOM-7': {"id":"ROOM-7","level":"MUST","text":"A user may be in several rooms at once, with one connection each, and none of them disturbs another.","party":"server","document":"asyncapi.yaml","line":170,"subject":"channel room"},
  'JOIN-1': {"id":"JOIN-1","level":"MUST","text":"The first message a joiner receives is `room_state`, and it satisfies its schema.","party":"server","document":"asyncapi.yaml","line":309,"subject":"operation announceRoomState"},
  'JOIN-2': {"id":"JOIN-2","level":"MUST","text":"`room_state` lists every current participant exactly once, the joiner included.","party":"server","document":"asyncapi.yaml","line":312,"subject":"operation announceRoomState"},
  'JOIN-3': {"id":"JOIN-3","level":"MUST","text":"`participant_count`, where present, equals the length of `participants`.","party":"server","document":"asyncapi.yaml","line":315,"subject":"operation announceRoomState"},
  'JOIN-4': {"id":"JOIN-4","level":"MUST","text":"Every other participant receives exactly one `user_joined`, which satisfies its schema, with the joiner's `user_id`.","party":"server","document":"asyncapi.yaml","line":336,"subject":"operation announceUserJoined"},
  'JOIN-5': {"id":"JOIN-5","level":"MUST","text":"A joiner receives no `user_joined` about itself.","party":"server","document":"asyncapi.yaml","line":339,"subject":"operation announceUserJoined"},
  'JOIN-6': {"id":"JOIN-6","level":"MUST","text":"A participant receives `room_state` once, on its own join (a second one makes both sides offer: glare).","party":"server","document":"asyncapi.yaml","line":321,"subject":"operation announceRoomState"},
  'JOIN-7': {"id":"JOIN-7","level":"MUST","text":"Of any two participants, however closely they joined, exactly one finds the other in its `room_state`; the other is told by `user_joined`. So exactly one of them offers.","party":"server","document":"asyncapi.yaml","line":173,"subject":"channel room"},
  'JOIN-8': {"id":"JOIN-8","level":"MUST","text":"A user who connects again replaces the older connection: that one is closed 4001, others receive `user_left` then `user_joined`, and the user is listed once.","party":"server","document":"asyncapi.yaml","line":176,"subject":"channel room"},
  'JOIN-9': {"id":"JOIN-9","level":"MUST","text":"From the moment others learn of a joiner, what they send it arrives, after its `room_state`.","party":"server","document":"asyncapi.yaml","line":179,"subject":"channel room"},
  'JOIN-10': {"id":"JOIN-10","level":"MUST","text":"Who leaves and joins again is a newcomer like any other: `room_state` first and once, and nothing that was said before.","party":"server","document":"asyncapi.yaml","line":182,"subject":"channel room"},
  'JOIN-11': {"id":"JOIN-11","level":"MUST","text":"`user_joined` comes before anything of the joiner, and before its `user_left`.","party":"server","document":"asyncapi.yaml","line":342,"subject":"operation announceUserJoined"},
  'JOIN-12': {"id":"JOIN-12","level":"SHOULD","text":"`room_state` says in `your_user_id` who the receiver is.","party":"server","document":"asyncapi.yaml","line":318,"subject":"operation announceRoomState"},
  'JOIN-13': {"id":"JOIN-13","level":"MUST","text":"From its `room_state` on, what a joiner sends is handled.","party":"server","document":"asyncapi.yaml","line":185,"subject":"channel room"},
  'RELAY-1': {"id":"RELAY-1","level":"MUST","text":"A message with `target_user_id` reaches that participant and nobody else.","party":"server","document":"asyncapi.yaml","line":276,"subject":"operation relaySignal"},
  'RELAY-2': {"id":"RELAY-2","level":"MUST","text":"A message without `target_user_id`, or with null, reaches every other participant once.","party":"server","document":"asyncapi.yaml","line":279,"subject":"operation relaySignal"},
  'RELAY-3': {"id":"RELAY-3","level":"MUST","text":"A sender never receives its own message.","party":"server","document":"asyncapi.yaml","line":282,"subject":"operation relaySignal"},
  'RELAY-4': {"id":"RELAY-4","level":"MUST","text":"Delivered messages carry the sender's `user_id` as `sender_id` in the envelope and in the payload, whatever the sender wrote there, under duplicate keys too.","party":"server","document":"asyncapi.yaml","line":285,"subject":"operation relaySignal"},
  'RELAY-5': {"id":"RELAY-5","level":"MUST","text":"All other payload members arrive unchanged: unknown members, every Unicode character, CRLF, numbers (values within I-JSON, RFC 7493). Unknown members of the envelope may be passed on or dropped.","party":"server","document":"asyncapi.yaml","line":288,"subject":"operation relaySignal"},
  'RELAY-6': {"id":"RELAY-6","level":"MUST","text":"Messages from one sender to one receiver arrive in the order sent.","party":"server","document":"asyncapi.yaml","line":291,"subject":"operation relaySignal"},
  'RELAY-7': {"id":"RELAY-7","level":"MUST","text":"A `target_user_id` that names no other participant (the sender itself included) is answered TARGET_NOT_FOUND, and nobody receives the message.","party":"server","document":"asyncapi.yaml","line":228,"subject":"operation receiveSignal"},
  'RELAY-8': {"id":"RELAY-8","level":"MUST","text":"Delivered messages carry the room's `room_id`; a message naming another room is answered ROOM_MISMATCH and not relayed.","party":"server","document":"asyncapi.yaml","line":294,"subject":"operation relaySignal"},
  'RELAY-9': {"id":"RELAY-9","level":"MUST","text":"Delivered messages carry a valid `timestamp`: the sender's where it gave one.","party":"server","document":"asyncapi.yaml","line":297,"subject":"operation relaySignal"},
  'RELAY-10': {"id":"RELAY-10","level":"MUST","text":"Messages up to 64 KiB (65,536 bytes of UTF-8) are relayed.","party":"server","document":"asyncapi.yaml","line":231,"subject":"operation receiveSignal"},
  'RELAY-11': {"id":"RELAY-11","level":"MUST","text":"A message in several WebSocket fragments, with control frames between, is one message.","party":"server","document":"asyncapi.yaml","line":234,"subject":"operation receiveSignal"},
  'RELAY-12': {"id":"RELAY-12","level":"MUST","text":"Unknown envelope members are no error.","party":"server","document":"asyncapi.yaml","line":237,"subject":"operation receiveSignal"},
  'RELAY-13': {"id":"RELAY-13","level":"MUST","text":"A participant that does not read delays no message between others. What waits for it arrives in order, or its connection is closed 1013.","party":"server","document":"asyncapi.yaml","line":240,"subject":"operation receiveSignal"},
  'OFFER-1': {"id":"OFFER-1","level":"MUST","text":"An offer is relayed with `type: \"offer\"` and its `sdp` byte for byte.","party":"server","document":"asyncapi.yaml","line":563,"subject":"message RelayedOfferMessage"},
  'OFFER-2': {"id":"OFFER-2","level":"MUST","text":"Any participant may offer at any time, again and in both directions (renegotiation, ICE restart).","party":"server","document":"asyncapi.yaml","line":476,"subject":"message OfferMessage"},
  'ANSWER-1': {"id":"ANSWER-1","level":"MUST","text":"An answer (`answer` or `pranswer`) is relayed with its `sdp` byte for byte.","party":"server","document":"asyncapi.yaml","line":588,"subject":"message RelayedAnswerMessage"},
  'ICE-1': {"id":"ICE-1","level":"MUST","text":"A candidate is relayed with `candidate`, `sdp_mid` and `sdp_m_line_index` unchanged, null and absent kept apart.","party":"server","document":"asyncapi.yaml","line":613,"subject":"message RelayedIceCandidateMessage"},
  'ICE-2': {"id":"ICE-2","level":"MUST","text":"The end-of-candidates candidate `\"\"` is relayed.","party":"server","document":"asyncapi.yaml","line":616,"subject":"message RelayedIceCandidateMessage"},
  'ICE-3': {"id":"ICE-3","level":"MUST","text":"A burst of 100 candidates is relayed without loss and in order.","party":"server","document":"asyncapi.yaml","line":619,"subject":"message RelayedIceCandidateMessage"},
  'LEAVE-1': {"id":"LEAVE-1","level":"MUST","text":"However a participant's connection ends (closed by either side, with any code or none), each other receives exactly one `user_left`, which satisfies its schema, with its `user_id`. A server that shuts down may leave it out.","party":"server","document":"asyncapi.yaml","line":357,"subject":"operation announceUserLeft"},
  'LEAVE-2': {"id":"LEAVE-2","level":"MUST","text":"The same holds when the TCP connection ends without a close frame, by FIN or by RST.","party":"server","document":"asyncapi.yaml","line":360,"subject":"operation announceUserLeft"},
  'LEAVE-3': {"id":"LEAVE-3","level":"MUST","text":"Once left, a user is no target and in no later `room_state`.","party":"server","document":"asyncapi.yaml","line":188,"subject":"channel room"},
  'LEAVE-4': {"id":"LEAVE-4","level":"MUST","text":"Nothing a user sent is delivered after its `user_left`.","party":"server","document":"asyncapi.yaml","line":363,"subject":"operation announceUserLeft"},
  'LEAVE-5': {"id":"LEAVE-5","level":"SHOULD","text":"A peer that silently stops answering is dropped and announced within the profile's time (60 s unless stated).","feature":"heartbeat","party":"server","document":"asyncapi.yaml","line":366,"subject":"operation announceUserLeft"},
  'LEAVE-6': {"id":"LEAVE-6","level":"SHOULD","text":"`user_left` follows a close within 2 s.","party":"server","document":"asyncapi.yaml","line":370,"subject":"operation announceUserLeft"},
  'ERROR-1': {"id":"ERROR-1","level":"MUST","text":"What is not a JSON object with a string `type` and an object `payload`, or has an envelope member of the wrong kind, is answered INVALID_MESSAGE; the connection stays open.","party":"server","document":"asyncapi.yaml","line":408,"subject":"operation reportError"},
  'ERROR-2': {"id":"ERROR-2","level":"MUST","text":"An unknown `type` is answered INVALID_MESSAGE_TYPE; the connection stays open.","party":"server","document":"asyncapi.yaml","line":411,"subject":"operation reportError"},
  'ERROR-3': {"id":"ERROR-3","level":"MUST","text":"A server-only type from a client is answered INVALID_MESSAGE_TYPE and not relayed.","party":"server","document":"asyncapi.yaml","line":414,"subject":"operation reportError"},
  'ERROR-4': {"id":"ERROR-4","level":"MUST","text":"A payload that breaks its type's schema is answered INVALID_PAYLOAD and not relayed; the connection stays open.","party":"server","document":"asyncapi.yaml","line":417,"subject":"operation reportError"},
  'ERROR-5': {"id":"ERROR-5","level":"MUST","text":"`error` goes to the offender alone.","party":"server","document":"asyncapi.yaml","line":420,"subject":"operation reportError"},
  'ERROR-6': {"id":"ERROR-6","level":"MUST","text":"Every `error` satisfies its schema with a code from the list.","party":"server","document":"asyncapi.yaml","line":423,"subject":"operation reportError"},
  'ERROR-7': {"id":"ERROR-7","level":"MUST","text":"A binary frame is answered INVALID_MESSAGE or closed 1003, and not relayed.","party":"server","document":"asyncapi.yaml","line":243,"subject":"operation receiveSignal"},
  'ERROR-8': {"id":"ERROR-8","level":"MUST","text":"A message over the server's limit is answered MESSAGE_TOO_LARGE or closed 1009, and not relayed.","party":"server","document":"asyncapi.yaml","line":246,"subject":"operation receiveSignal"},
  'ERROR-9': {"id":"ERROR-9","level":"MUST","text":"Whatever one participant sends, the others' exchange goes on undisturbed.","party":"server","document":"asyncapi.yaml","line":249,"subject":"operation receiveSignal"},
  'ERROR-10': {"id":"ERROR-10","level":"SHOULD","text":"INVALID_PAYLOAD names the offending member in `details.errors[]` (`path` as JSON Pointer, `message`).","party":"server","document":"asyncapi.yaml","line":426,"subject":"operation reportError"},
  'ERROR-11': {"id":"ERROR-11","level":"MUST","text":"Hostile JSON (10,000 nested arrays, `__proto__`, duplicate keys, 1e400, lone surrogates) is relayed or answered with `error`; nobody else is disturbed and the server goes on.","party":"server","document":"asyncapi.yaml","line":252,"subject":"operation receiveSignal"},
  'ERROR-12': {"id":"ERROR-12","level":"MUST","text":"A text frame with invalid UTF-8 is closed 1007 and disturbs nobody else.","party":"server","document":"asyncapi.yaml","line":255,"subject":"operation receiveSignal"},
  'ERROR-13': {"id":"ERROR-13","level":"SHOULD","text":"An `error` about a message that has an `id` repeats it as `details.message_id`.","party":"server","document":"asyncapi.yaml","line":429,"subject":"operation reportError"},
  'ERROR-14': {"id":"ERROR-14","level":"SHOULD","text":"A message with a member that differs from one of the protocol in letter case only, such as `Sender_ID`, is answered INVALID_MESSAGE (in the envelope) or INVALID_PAYLOAD, and not relayed: decoders that ignore case would read it as that member (RELAY-4), so it does not count as unknown (RELAY-5, RELAY-12).","party":"server","document":"asyncapi.yaml","line":432,"subject":"operation reportError"},
  'LIMIT-1': {"id":"LIMIT-1","level":"MUST","text":"Messages beyond the limit are answered RATE_LIMIT_EXCEEDED with integer `details.retry_after_ms` and not relayed; the connection stays open, and after that time messages pass again. What is counted, and for whom, is the server's affair; a mesh of calls sends bursts of 200 messages on one connection.","feature":"rate-limit","party":"server","document":"asyncapi.yaml","line":258,"subject":"operation receiveSignal"},
  'LIVE-1': {"id":"LIVE-1","level":"MUST","text":"A WebSocket ping is answered with its pong.","party":"server","document":"asyncapi.yaml","line":191,"subject":"channel room"},
  'LIVE-2': {"id":"LIVE-2","level":"MUST","text":"A close frame is answered and the connection closed.","party":"server","document":"asyncapi.yaml","line":194,"subject":"channel room"},
  'LIVE-3': {"id":"LIVE-3","level":"SHOULD","text":"On shutdown each client is closed 1001 or 1012.","feature":"shutdown","party":"server","document":"asyncapi.yaml","line":197,"subject":"channel room"},
  'LIVE-4': {"id":"LIVE-4","level":"MUST","text":"A peer that answers pings is not closed for idleness or age.","party":"server","document":"asyncapi.yaml","line":201,"subject":"channel room"},
  'CLIENT-1': {"id":"CLIENT-1","level":"MUST","text":"Fetches `/webrtc/config` with its bearer token before it makes its first peer connection.","party":"client","document":"openapi.yaml","line":78,"subject":"GET /webrtc/config"},
  'CLIENT-2': {"id":"CLIENT-2","level":"MUST","text":"Connects to `/webrtc/ws/{room_id}` with the token percent-encoded in `token`.","party":"client","document":"asyncapi.yaml","line":204,"subject":"channel room"},
  'CLIENT-3': {"id":"CLIENT-3","level":"MUST","text":"The newcomer offers: to each other participant of its `room_state`, each offer with that `target_user_id`.","party":"client","document":"asyncapi.yaml","line":324,"subject":"operation announceRoomState"},
  'CLIENT-4': {"id":"CLIENT-4","level":"MUST NOT","text":"Offers on `user_joined`, or when alone. It waits for the newcomer's offer; where none has come for 10 s, it may offer.","party":"client","document":"asyncapi.yaml","line":345,"subject":"operation announceUserJoined"},
  'CLIENT-5': {"id":"CLIENT-5","level":"MUST","text":"Answers an offer with `target_user_id` = the offer's `sender_id`.","party":"client","document":"asyncapi.yaml","line":502,"subject":"message AnswerMessage"},
  'CLIENT-6': {"id":"CLIENT-6","level":"MUST","text":"Sends candidates as `ice_candidate` with the peer's `target_user_id`, but for those that stand in the SDP already. The empty candidate at the end is optional.","party":"client","document":"asyncapi.yaml","line":535,"subject":"message IceCandidateMessage"},
  'CLIENT-7': {"id":"CLIENT-7","level":"MUST","text":"Keeps candidates that arrive before the description they belong to.","party":"client","document":"asyncapi.yaml","line":622,"subject":"message RelayedIceCandidateMessage"},
  'CLIENT-8': {"id":"CLIENT-8","level":"MUST","text":"Survives unknown types, unknown members and `error`.","party":"client","document":"asyncapi.yaml","line":435,"subject":"operation reportError"},
  'CLIENT-9': {"id":"CLIENT-9","level":"MUST","text":"Drops its peer connection to a user on `user_left`, and takes a later offer from the same user afresh.","party":"client","document":"asyncapi.yaml","line":373,"subject":"operation announceUserLeft"},
  'CLIENT-10': {"id":"CLIENT-10","level":"MUST","text":"Closes the WebSocket with 1000 on leave and sends nothing after.","party":"client","document":"asyncapi.yaml","line":207,"subject":"channel room"},
  'CLIENT-11': {"id":"CLIENT-11","level":"MUST NOT","text":"Reconnects by itself after 1000, 1008 or 4001.","party":"client","document":"asyncapi.yaml","line":210,"subject":"channel room"},
  'CLIENT-12': {"id":"CLIENT-12","level":"SHOULD","text":"Reconnects after any other close, with exponential backoff and jitter; a handshake answered 4xx counts as 1008, one answered 5xx as any other close.","party":"client","document":"asyncapi.yaml","line":213,"subject":"channel room"},
  'CLIENT-13': {"id":"CLIENT-13","level":"SHOULD","text":"Resolves an offer collision by perfect negotiation (the newcomer of the pair is the polite one). A stack without rollback builds the peer connection anew instead.","party":"client","document":"asyncapi.yaml","line":479,"subject":"message OfferMessage"},
  'CLIENT-14': {"id":"CLIENT-14","level":"MUST","text":"Every message it sends satisfies the schema of its type.","party":"client","document":"asyncapi.yaml","line":262,"subject":"operation receiveSignal"},
  'CLIENT-16': {"id":"CLIENT-16","level":"MUST","text":"Sends `sdp_mid` or `sdp_m_line_index` with every candidate that is not empty (browsers throw a TypeError where both are missing).","party":"client","document":"asyncapi.yaml","line":538,"subject":"message IceCandidateMessage"},
  'CLIENT-17': {"id":"CLIENT-17","level":"MUST","text":"Survives values it does not know (a `reason`, a `code`, a close code) as it survives unknown members.","party":"client","document":"asyncapi.yaml","line":438,"subject":"operation reportError"},
  'CLIENT-20': {"id":"CLIENT-20","level":"MUST","text":"Repeats the `offer_id` of the offer that it answers. Ignores an answer whose `offer_id` names another offer than the one it waits for, and takes one without.","party":"client","document":"asyncapi.yaml","line":505,"subject":"message AnswerMessage"},
};
