import { describe, expect, it } from 'vitest';
import { checkClientMessage, parseClientMessage } from '../../generated/index.js';
import type { Fault } from '../kit/faults.js';
import type { Participant } from '../kit/participant.js';
import {
  brokenEnvelopes,
  brokenPayloads,
  serverMessages,
  textsThatAreNotJson,
  unknownTypes,
} from './faulty-messages.js';

const alice = {
  roomId: 'room',
  userId: 'alice',
  name: 'alice',
  compose: (type: string, { payload }: { payload?: object } = {}) => ({
    nonce: 'nonce',
    message: {
      type,
      payload: {
        ...(type === 'ice_candidate' ? { candidate: 'c' } : { type, sdp: 'v=0' }),
        target_user_id: 'bob',
        ...payload,
      },
      room_id: 'room',
    },
  }),
} as unknown as Participant;
const bob = { ...alice, userId: 'bob', name: 'bob' } as Participant;

function codeOf({ text }: Fault): string {
  const parsed = parseClientMessage(text, 'room');
  return parsed.ok ? 'none' : parsed.error.code;
}

describe('the faults that are sent', () => {
  it('are what the documents answer as the scenarios expect', () => {
    const faults = [
      ...textsThatAreNotJson(alice),
      ...brokenEnvelopes(alice, bob),
      ...brokenPayloads(alice, bob),
      ...serverMessages(alice, bob),
    ];
    expect(faults.filter((fault) => !fault.codes.includes(codeOf(fault) as never))).toEqual([]);
  });

  it('name the member that is wrong', () => {
    for (const { text, path } of brokenPayloads(alice, bob)) {
      const parsed = checkClientMessage(JSON.parse(text));
      expect(parsed.ok ? [] : parsed.error.details?.errors?.map((error) => error.path)).toContain(path);
    }
  });

  it('have types that no client sends', () => {
    const message = { payload: {} };
    for (const type of unknownTypes(() => 'ab')) {
      const parsed = checkClientMessage({ ...message, type });
      expect(parsed.ok || parsed.error.code).toBe('INVALID_MESSAGE_TYPE');
    }
  });
});
