import { defaultDecisions, type Effect, type ServerDecisions } from '../../run/embedded.js';
import { changeEffects, changeReceived, changeWrittenPayload } from '../alter.js';
import type { Mutant } from '../mutant.js';

export const iceMutants: readonly Mutant[] = [
  {
    name: 'candidates-before-offers-are-lost',
    breaks: 'ICE-1',
    summary: 'A candidate is lost unless an offer was made in the room before.',
    decisions: () => {
      const offered = new Set<string>();
      return changeReceived(({ message }, { room }) => {
        if (message.type === 'offer') offered.add(room.id);
        return message.type === 'ice_candidate' && !offered.has(room.id) ? undefined : message;
      });
    },
  },
  {
    name: 'candidates-in-kebab-case',
    breaks: 'ICE-1',
    summary: 'A candidate is relayed with the type `ice-candidate`.',
    decisions: {
      encode: (message) =>
        defaultDecisions.encode(
          message.type === 'ice_candidate' ? ({ ...message, type: 'ice-candidate' } as never) : message,
        ),
    },
  },
  {
    name: 'candidates-without-null',
    breaks: 'ICE-1',
    summary: 'Members of a candidate that are null are left out.',
    decisions: changeWrittenPayload(['ice_candidate'], (payload) =>
      Object.fromEntries(
        Object.entries(payload).filter(([name, value]) => value !== null || !/^(sdp_|username_fragment)/.test(name)),
      ),
    ),
  },
  {
    name: 'candidates-filled-with-null',
    breaks: 'ICE-1',
    summary: 'Members that a candidate does not have are filled in as null.',
    decisions: changeWrittenPayload(['ice_candidate'], (payload) => ({
      sdp_mid: null,
      sdp_m_line_index: null,
      ...payload,
    })),
  },
  {
    name: 'broadcast-candidates-without-null',
    breaks: 'ICE-1',
    summary: 'Members of a candidate without a target that are null are left out.',
    decisions: changeWrittenPayload(['ice_candidate'], (payload) =>
      typeof payload.target_user_id === 'string'
        ? payload
        : Object.fromEntries(
            Object.entries(payload).filter(
              ([name, value]) => value !== null || !/^(sdp_|username_fragment)/.test(name),
            ),
          ),
    ),
  },
  {
    name: 'candidates-of-1024-characters',
    breaks: 'ICE-1',
    summary: 'A candidate line is cut to 1024 characters.',
    decisions: changeWrittenPayload(['ice_candidate'], (payload) => ({
      ...payload,
      candidate: String(payload.candidate).slice(0, 1024),
    })),
  },
  {
    name: 'zero-is-nothing',
    breaks: 'ICE-1',
    summary: 'An `sdp_m_line_index` of 0 is left out.',
    decisions: changeWrittenPayload(['ice_candidate'], ({ sdp_m_line_index: index, ...payload }) =>
      index || index === null ? { ...payload, sdp_m_line_index: index } : payload,
    ),
  },
  {
    name: 'end-of-candidates-is-invalid',
    breaks: 'ICE-2',
    summary: 'The empty candidate is answered INVALID_PAYLOAD.',
    decisions: {
      parse(text, roomId) {
        const parsed = defaultDecisions.parse(text, roomId);
        if (!parsed.ok || parsed.message.type !== 'ice_candidate' || parsed.message.payload.candidate !== '')
          return parsed;
        return { ok: false, error: { code: 'INVALID_PAYLOAD', message: 'payload.candidate is empty.' } };
      },
    } satisfies Partial<ServerDecisions>,
  },
  {
    name: 'end-of-candidates-is-dropped',
    breaks: 'ICE-2',
    summary: 'The empty candidate is dropped without a word.',
    decisions: changeReceived(({ message }) =>
      message.type === 'ice_candidate' && message.payload.candidate === '' ? undefined : message,
    ),
  },
  {
    name: 'broadcast-end-of-candidates-is-dropped',
    breaks: 'ICE-2',
    summary: 'The empty candidate is dropped where it has no target.',
    decisions: changeReceived(({ message }) =>
      message.type === 'ice_candidate' &&
      message.payload.candidate === '' &&
      typeof message.payload.target_user_id !== 'string'
        ? undefined
        : message,
    ),
  },
  {
    name: 'keeps-64-candidates',
    breaks: 'ICE-3',
    summary: 'Of a burst of candidates, those after the 64th are lost.',
    decisions: () => {
      const bursts = new Map<string, { connectionId: string; length: number }>();
      return changeReceived(({ connectionId, message }, { room }) => {
        const last = bursts.get(room.id);
        const goesOn = last?.connectionId === connectionId && message.type === 'ice_candidate';
        const length = goesOn ? last.length + 1 : 1;
        bursts.set(room.id, { connectionId, length });
        return length > 64 ? undefined : message;
      });
    },
  },
  {
    name: 'bursts-are-shuffled',
    breaks: 'ICE-3',
    summary: 'Of many candidates of one sender the 90th is delivered after the 91st.',
    decisions: () => {
      const said = new Map<string, number>();
      const held = new Map<string, Effect[]>();
      return changeEffects((event, { effects }) => {
        if (event.type !== 'message' || event.message.type !== 'ice_candidate') return effects;
        const count = (said.get(event.connectionId) ?? 0) + 1;
        said.set(event.connectionId, count);
        if (count === 90) held.set(event.connectionId, effects);
        if (count === 90) return [];
        return count === 91 ? [...effects, ...(held.get(event.connectionId) ?? [])] : effects;
      });
    },
    also: [{ requirement: 'RELAY-6', because: 'candidates of one sender are not in order' }],
  },
];
