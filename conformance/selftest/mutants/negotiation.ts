import { defaultDecisions, type ServerDecisions } from '../../run/embedded.js';
import { changeEffects, changeWrittenPayload, errorOf, type Json, transition } from '../alter.js';
import type { Mutant } from '../mutant.js';

const withSdp = (change: (sdp: string) => string) => (payload: Json) => ({
  ...payload,
  sdp: change(String(payload.sdp)),
});

export const negotiationMutants: readonly Mutant[] = [
  {
    name: 'offers-with-lf',
    breaks: 'OFFER-1',
    summary: 'CRLF in the SDP of an offer becomes LF.',
    decisions: changeWrittenPayload(
      ['offer'],
      withSdp((sdp) => sdp.replaceAll('\r\n', '\n')),
    ),
  },
  {
    name: 'offers-trimmed',
    breaks: 'OFFER-1',
    summary: 'White space at the ends of the SDP of an offer is trimmed.',
    decisions: changeWrittenPayload(
      ['offer'],
      withSdp((sdp) => sdp.trim()),
    ),
  },
  {
    name: 'offers-in-ascii',
    breaks: 'OFFER-1',
    summary: 'Characters beyond ASCII are dropped from the SDP of an offer.',
    decisions: changeWrittenPayload(
      ['offer'],
      withSdp((sdp) => sdp.replace(/[^\0-\x7f]/g, '')),
    ),
  },
  {
    name: 'offers-without-type',
    breaks: 'OFFER-1',
    summary: 'An offer is relayed without `payload.type`.',
    decisions: changeWrittenPayload(['offer'], ({ type: _, ...payload }) => payload),
  },
  {
    name: 'glare-is-an-error',
    breaks: 'OFFER-2',
    summary: 'An offer to a user whose own offer is not answered yet is refused.',
    decisions: () => followNegotiations((offered) => offered === 'pending'),
  },
  {
    name: 'one-negotiation-only',
    breaks: 'OFFER-2',
    summary: 'Two users that have made a call cannot negotiate again.',
    decisions: () => followNegotiations((offered) => offered === 'answered'),
  },
  {
    name: 'answers-trimmed',
    breaks: 'ANSWER-1',
    summary: 'White space at the ends of the SDP of an answer is trimmed.',
    decisions: changeWrittenPayload(
      ['answer'],
      withSdp((sdp) => sdp.trim()),
    ),
  },
  {
    name: 'broadcast-answers-trimmed',
    breaks: 'ANSWER-1',
    summary: 'White space at the ends of the SDP of an answer without a target is trimmed.',
    decisions: changeWrittenPayload(['answer'], (payload) =>
      typeof payload.target_user_id === 'string' ? payload : withSdp((sdp) => sdp.trim())(payload),
    ),
  },
  {
    name: 'answers-are-final',
    breaks: 'ANSWER-1',
    summary: 'A provisional answer is relayed as `answer`.',
    decisions: changeWrittenPayload(['answer'], (payload) => ({ ...payload, type: 'answer' })),
  },
  {
    name: 'no-provisional-answers',
    breaks: 'ANSWER-1',
    summary: 'A provisional answer is refused with INVALID_PAYLOAD.',
    decisions: {
      parse(text, roomId) {
        const parsed = defaultDecisions.parse(text, roomId);
        if (!parsed.ok || parsed.message.type !== 'answer' || parsed.message.payload.type === 'answer') return parsed;
        return { ok: false, error: { code: 'INVALID_PAYLOAD', message: 'payload.type is not "answer".' } };
      },
    },
  },
  {
    name: 'second-offers-are-answered-with-error',
    breaks: 'OFFER-2',
    summary: 'A second offer to the same user is relayed, and answered with an error as well.',
    decisions: () => {
      const offered = new Set<string>();
      return changeEffects((event, { room, effects }) => {
        if (event.type !== 'message' || event.message.type !== 'offer') return effects;
        const target = event.message.payload.target_user_id;
        const key = `${event.connectionId} ${target}`;
        if (typeof target !== 'string' || !offered.has(key)) {
          offered.add(key);
          return effects;
        }
        const error = errorOf(room.id, event.at, 'INVALID_MESSAGE', 'There was an offer before.');
        return [...effects, { type: 'deliver', to: [event.connectionId], message: error }];
      });
    },
  },
];

/** A server that follows negotiations, and refuses an offer by what became of the other side's. */
function followNegotiations(
  refuses: (offered: 'pending' | 'answered' | undefined) => boolean,
): Partial<ServerDecisions> {
  const offers = new Map<string, 'pending' | 'answered'>();
  return {
    transition(room, event) {
      const outcome = transition(room, event);
      if (event.type !== 'message') return outcome;
      const { connectionId, message, at } = event;
      const target = message.payload.target_user_id;
      const sender = room.byConnection.get(connectionId)?.participant.user_id;
      if (typeof target !== 'string' || sender === undefined) return outcome;
      const pair = JSON.stringify([room.id, sender, target]);
      const reverse = JSON.stringify([room.id, target, sender]);
      if (message.type === 'answer' && offers.has(reverse)) offers.set(reverse, 'answered');
      if (message.type !== 'offer') return outcome;
      if (refuses(offers.get(reverse))) {
        const refusal = errorOf(room.id, at, 'INVALID_PAYLOAD', 'There is a negotiation already.');
        return { room, effects: [{ type: 'deliver', to: [connectionId], message: refusal }] };
      }
      offers.set(pair, 'pending');
      return outcome;
    },
  };
}
