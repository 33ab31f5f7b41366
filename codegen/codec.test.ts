import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkClientMessage,
  clientMessageTypes,
  errorCodes,
  parseClientMessage,
  parseServerMessage,
  serverMessageTypes,
  validateErrorMessage,
} from '../generated/index.js';
import { readExamples } from '../test/examples.js';

const offer = { type: 'offer', payload: { type: 'offer', sdp: 'v=0\r\n' } };

/** The code a client message is answered with, or `ok`. */
function answer(message: unknown, roomId?: string): string {
  const result = checkClientMessage(message, roomId);
  return result.ok ? 'ok' : result.error.code;
}

function paths(message: unknown): string[] {
  const result = checkClientMessage(message);
  return result.ok ? [] : (result.error.details?.errors ?? []).map(({ path }) => path);
}

describe('parseClientMessage', () => {
  it('gives the message as it was parsed, unknown members and nulls included', () => {
    const message = { ...offer, room_id: null, extra: [1], payload: { ...offer.payload, target_user_id: null, x: {} } };
    expect(parseClientMessage(JSON.stringify(message))).toEqual({ ok: true, message });
  });

  it.each(['', 'offer', '{', '{"type":"offer"', 'undefined', '\ufeff{}', "{'type':'offer'}", 'NaN'])(
    'answers %j, which is not JSON, with INVALID_MESSAGE (ERROR-1)',
    (text) => {
      expect(parseClientMessage(text)).toEqual({
        ok: false,
        error: { code: 'INVALID_MESSAGE', message: 'the frame is not JSON' },
      });
    },
  );

  it.each(['null', '[]', '7', '"offer"', '{}', '{"type":"offer"}', '{"payload":{}}', '{"type":7,"payload":{}}'])(
    'answers %s, which is no envelope, with INVALID_MESSAGE (ERROR-1)',
    (text) => expect(parseClientMessage(text)).toMatchObject({ ok: false, error: { code: 'INVALID_MESSAGE' } }),
  );

  it.each(['OFFER', '', 'ice-candidate', 'webrtc_offer', '__proto__', 'constructor', 'toString'])(
    'answers the unknown type %j with INVALID_MESSAGE_TYPE (ERROR-2)',
    (type) => expect(answer({ ...offer, type })).toBe('INVALID_MESSAGE_TYPE'),
  );

  it('answers each server-only type with INVALID_MESSAGE_TYPE and says so (ERROR-3)', () => {
    const serverOnly = serverMessageTypes.filter((type) => !clientMessageTypes.some((other) => other === type));
    expect(serverOnly).toEqual(['room_state', 'user_joined', 'user_left', 'error']);
    for (const type of serverOnly) {
      expect(checkClientMessage({ type, payload: {} })).toEqual({
        ok: false,
        error: { code: 'INVALID_MESSAGE_TYPE', message: `"${type}" is for the server to send` },
      });
    }
  });

  it('compares room_id only where both sides name a room (RELAY-8)', () => {
    expect(answer({ ...offer, room_id: 'kitchen' }, 'hall')).toBe('ROOM_MISMATCH');
    expect(answer({ ...offer, room_id: '' }, 'hall')).toBe('ROOM_MISMATCH');
    expect(answer({ ...offer, room_id: 'Hall' }, 'hall')).toBe('ROOM_MISMATCH');
    expect(answer({ ...offer, room_id: 'hall' }, 'hall')).toBe('ok');
    expect(answer({ ...offer, room_id: null }, 'hall')).toBe('ok');
    expect(answer(offer, 'hall')).toBe('ok');
    expect(answer({ ...offer, room_id: 'kitchen' })).toBe('ok');
  });

  it('repeats the id of the message in its error, up to 64 characters, whatever they are made of (ERROR-13)', () => {
    const idOf = (id: unknown) => {
      const parsed = checkClientMessage({ type: 'nothing', payload: {}, id });
      return parsed.ok ? undefined : parsed.error.details?.message_id;
    };
    expect(['17', 'a'.repeat(64), '🎈'.repeat(64)].map(idOf)).toEqual(['17', 'a'.repeat(64), '🎈'.repeat(64)]);
    expect(['a'.repeat(65), '🎈'.repeat(65), 17, null, undefined].map(idOf)).toEqual(Array(5).fill(undefined));
  });

  it('answers several faults once, for the first of envelope, type, room and payload', () => {
    const payload = {};
    expect(answer({ type: 'nothing', payload, room_id: 'kitchen', timestamp: 'today' }, 'hall')).toBe(
      'INVALID_MESSAGE',
    );
    expect(answer({ type: 'nothing', payload, room_id: 'kitchen' }, 'hall')).toBe('INVALID_MESSAGE_TYPE');
    expect(answer({ type: 'offer', payload, room_id: 'kitchen' }, 'hall')).toBe('ROOM_MISMATCH');
    expect(answer({ type: 'offer', payload, room_id: 'hall' }, 'hall')).toBe('INVALID_PAYLOAD');
  });

  it('answers each invalid client example with the code its place calls for', async () => {
    for (const { file, type, validity, value } of await readExamples()) {
      if (!['offer', 'answer', 'ice-candidate'].includes(type)) continue;
      const [place = ''] = paths(value);
      const envelope = /^(\/payload|\/type|\/room_id|\/timestamp|\/sender_id|\/id)?$/.test(place);
      const expected = envelope ? ['INVALID_MESSAGE', 'INVALID_MESSAGE_TYPE', 'INVALID_PAYLOAD'] : ['INVALID_PAYLOAD'];
      if (validity === 'valid') expect(answer(value), file).toBe('ok');
      else expect(expected, file).toContain(answer(value));
    }
  });

  it('names the faulty places as JSON Pointers into the whole message (ERROR-10)', () => {
    expect(paths({ type: 'offer', payload: { type: 'offer' } })).toEqual(['/payload/sdp']);
    expect(paths({ type: 'offer', payload: { type: 'answer', sdp: '' } })).toEqual(['/payload/type', '/payload/sdp']);
    expect(paths({ type: 'ice_candidate', payload: { candidate: '', sdp_m_line_index: -1 } })).toEqual([
      '/payload/sdp_m_line_index',
    ]);
    expect(paths({ type: 'offer', payload: [] })).toEqual(['/payload']);
    expect(paths({ payload: {} })).toEqual(['/type']);
    expect(paths([])).toEqual(['']);
  });

  it('gives a payload for `error` that satisfies its schema, whatever the fault (ERROR-6)', async () => {
    const faulty = (await readExamples()).map(({ value }) => value);
    for (const value of [...faulty, { type: 'x'.repeat(5000), payload: {} }, { type: '\ud83d', payload: {} }]) {
      const result = checkClientMessage(value, 'hall');
      if (result.ok) continue;
      const error = { type: 'error', payload: result.error, room_id: 'hall', timestamp: '2026-03-01T09:30:00Z' };
      expect(validateErrorMessage(JSON.parse(JSON.stringify(error))), result.error.message).toBe(true);
      expect(result.error.message.length).toBeLessThan(1000);
    }
  });

  it('reads what JSON.parse reads of duplicate keys, and takes own members only', () => {
    expect(parseClientMessage('{"type":"x","type":"offer","payload":{"type":"offer","sdp":"v=0"}}').ok).toBe(true);
    expect(parseClientMessage('{"__proto__":{"type":"offer","payload":{"type":"offer","sdp":"v=0"}}}').ok).toBe(false);
    expect(parseClientMessage('{"type":"offer","payload":{"__proto__":{"type":"offer","sdp":"v=0"}}}').ok).toBe(false);
  });

  it('survives 10,000 nested arrays, 1e400 and lone surrogates (ERROR-11)', () => {
    const payload = (extra: string) => `{"type":"offer","payload":{"type":"offer","sdp":"v=0","x":${extra}}}`;
    expect(parseClientMessage(payload('['.repeat(10_000) + ']'.repeat(10_000)))).toMatchObject({
      error: { code: 'INVALID_PAYLOAD' },
    });
    expect(parseClientMessage(payload('1e400')).ok).toBe(true);
    expect(parseClientMessage(payload('"\\ud83d"')).ok).toBe(true);
    expect(parseClientMessage('['.repeat(10_000))).toMatchObject({ error: { code: 'INVALID_MESSAGE' } });
    expect(parseClientMessage('['.repeat(10_000) + ']'.repeat(10_000))).toMatchObject({
      error: { code: 'INVALID_MESSAGE' },
    });
  });
});

describe('what another decoder would read as another message (ERROR-14)', () => {
  const offer = (payload: object, envelope: object = {}) =>
    parseClientMessage(
      JSON.stringify({ type: 'offer', payload: { type: 'offer', sdp: 'v=0', ...payload }, ...envelope }),
    );

  it.each(['Sender_ID', 'SENDER_ID', '\u017fender_id', 'Type', 'SDP', 'Target_User_Id', 'target_u\u017fer_\u0130d'])(
    'is refused: %s in the payload',
    (name) => {
      const error = { code: 'INVALID_PAYLOAD', details: { errors: [{ path: `/payload/${name}` }] } };
      expect(offer({ [name]: null })).toMatchObject({ ok: false, error });
    },
  );

  it.each(['Sender_ID', 'Type', 'TYPE', 'Room_Id', 'Payload', 'Timestamp', 'ID'])(
    'is refused: %s in the envelope',
    (name) => {
      const error = { code: 'INVALID_MESSAGE', details: { errors: [{ path: `/${name}` }] } };
      expect(offer({}, { [name]: 'x' })).toMatchObject({ ok: false, error });
    },
  );

  it.each(['senderId', 'sender-id', 'types', 'Candidate', 'x_Type', 'room_id', 'Payload'])('is not %s', (name) => {
    expect(offer({ [name]: 1 })).toMatchObject({ ok: true });
  });

  it('is refused beyond 64 levels, and taken up to there', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(offer({ x: nested(62) })).toMatchObject({ ok: true });
    expect(offer({ x: nested(63) })).toMatchObject({ ok: false, error: { code: 'INVALID_PAYLOAD' } });
    expect(offer({}, { x: nested(63) })).toMatchObject({ ok: true });
    expect(offer({}, { x: nested(64) })).toMatchObject({ ok: false, error: { code: 'INVALID_MESSAGE' } });
  });
});

describe('parseClientMessage, for any input', () => {
  const fromParsing = ['INVALID_MESSAGE', 'INVALID_MESSAGE_TYPE', 'ROOM_MISMATCH', 'INVALID_PAYLOAD'];
  const holds = (text: string, roomId?: string) => {
    const result = parseClientMessage(text, roomId);
    if (result.ok) return true;
    return fromParsing.includes(result.error.code) && result.error.code in errorCodes && result.error.message !== '';
  };

  it('does not throw and gives a listed code for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => holds(text, 'hall')),
      { numRuns: 2000 },
    );
  });

  it('does not throw and gives a listed code for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => holds(text, 'hall')),
      { numRuns: 2000 },
    );
  });

  it('does not throw and gives a listed code for messages that are nearly right', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('', 'offer', 'answer', 'hall', 'v=0', null, 0, 65536, '2026-03-01T09:30:00Z'),
    );
    const member = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), value);
    const message = fc
      .tuple(
        member('type', 'room_id', 'timestamp', 'sender_id', 'extra', '__proto__'),
        fc.oneof(value, member('type', 'sdp', 'candidate', 'sdp_mid', 'sdp_m_line_index', 'target_user_id', 'a/b~c')),
        fc.oneof(value, fc.constantFrom(...serverMessageTypes)),
      )
      .map(([envelope, payload, type]) => JSON.stringify({ ...envelope, payload, type }));
    fc.assert(
      fc.property(message, (text) => holds(text, 'hall')),
      { numRuns: 5000 },
    );
  });
});

describe('parseServerMessage', () => {
  it('gives every valid server example, and no invalid one as what its folder says', async () => {
    const clientOnly = ['offer', 'answer', 'ice-candidate', 'webrtc-config'];
    const server = (await readExamples()).filter(({ type }) => !clientOnly.includes(type));
    expect(server.length).toBeGreaterThan(0);
    for (const { type, file, validity, value } of server) {
      const result = parseServerMessage(JSON.stringify(value));
      if (validity === 'valid') expect(result, file).toEqual({ ok: true, message: value });
      // The payload of a user_joined fits a user_left: with that type it is one.
      else if (result.ok) expect(result.message.type.replace('_', '-'), file).not.toBe(type.replace('relayed-', ''));
    }
  });

  it('tells an unknown type apart, for a client to ignore (CLIENT-8)', () => {
    const message = { type: 'recording_started', payload: {}, room_id: 'hall', timestamp: '2026-03-01T09:30:00Z' };
    expect(parseServerMessage(JSON.stringify(message))).toMatchObject({
      ok: false,
      error: { code: 'INVALID_MESSAGE_TYPE' },
    });
  });

  it('needs the sender of a relayed message (RELAY-4)', () => {
    const message = { ...offer, room_id: 'hall', timestamp: '2026-03-01T09:30:00Z' };
    expect(parseServerMessage(JSON.stringify(message))).toMatchObject({
      ok: false,
      error: { code: 'INVALID_PAYLOAD', details: { errors: [{ path: '/sender_id' }, { path: '/payload/sender_id' }] } },
    });
  });
});
