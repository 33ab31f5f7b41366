import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  defaultDecisions,
  type Effect,
  type RoomEvent,
  type ServerDecisions,
  type Transition,
} from '../../run/embedded.js';
import { admitDespite, changeWritten, errorOf, subjectOf, transition, useWebSocket } from '../alter.js';
import type { Mutant } from '../mutant.js';

const unlearned = 'announcements name the user by an id that it had on no other connection';

/** Decisions under which the tokens of the query are read from the raw request target. */
function readTokens(read: (query: string) => string[]): Partial<ServerDecisions> {
  return {
    locate(target, basePath) {
      const place = defaultDecisions.locate(target, basePath);
      return place && { ...place, tokens: read(target.split('?')[1] ?? '') };
    },
  };
}

/** Remembers tokens that are refused, and refuses them by HTTP before the handshake. */
function refuseByHttp(): Partial<ServerDecisions> {
  const refused = new Set<string>();
  return {
    async admit(tokens, verify) {
      const admission = await defaultDecisions.admit(tokens, verify);
      if (!admission.ok) refused.add(tokens[0] ?? '');
      return admission;
    },
    webSocketOptions: {
      ...defaultDecisions.webSocketOptions,
      verifyClient: ({ req }, answer) => {
        const { tokens } = defaultDecisions.locate(req.url ?? '', '') ?? { tokens: [] };
        answer(!refused.has(tokens[0] ?? ''), 401);
      },
    },
  };
}

const outsider = 'refused:';

type Join = RoomEvent & { type: 'join' };

/** Decisions under which whoever has a bad token gets as far as the room, and is refused there; `also` happens first. */
function refuseInTheRoom(also: (room: Transition['room'], event: Join) => Effect[]): () => Partial<ServerDecisions> {
  return () => ({
    async admit(tokens, verify) {
      const admission = await defaultDecisions.admit(tokens, verify);
      if (admission.ok) return admission;
      return { ok: true, identity: { userId: outsider + subjectOf(tokens[0] ?? ''), username: admission.reason } };
    },
    transition(room, event) {
      if (event.type !== 'join' || !event.user.userId.startsWith(outsider)) return transition(room, event);
      const { connectionId, at, user } = event;
      const refusal = errorOf(room.id, at, 'UNAUTHORIZED', `${user.userId} is refused: ${user.username}`);
      return {
        room,
        effects: [
          ...also(room, event),
          { type: 'deliver', to: [connectionId], message: refusal },
          { type: 'close', connectionId, code: 1008, reason: 'UNAUTHORIZED' },
        ],
      };
    },
  });
}

export const authMutants: readonly Mutant[] = [
  {
    name: 'token-as-first-parameter-only',
    breaks: 'AUTH-1',
    summary: 'The token is found only where the query begins with it.',
    decisions: readTokens((query) => (/^token=/.test(query) ? new URLSearchParams(query).getAll('token') : [])),
  },
  {
    name: 'token-not-decoded',
    breaks: 'AUTH-1',
    summary: 'The token is taken from the query without percent-decoding.',
    decisions: readTokens((query) => [...query.matchAll(/(?:^|&)token=([^&]*)/g)].map(([, token = '']) => token)),
  },
  {
    name: 'open-door',
    breaks: 'AUTH-2',
    summary: 'A connection without a token is admitted as a guest.',
    decisions: admitDespite(/no `token`/),
  },
  {
    name: 'any-word-is-a-token',
    breaks: 'AUTH-3',
    summary: 'A malformed token is admitted as a guest.',
    decisions: admitDespite(/malformed/),
  },
  {
    name: 'signature-not-checked',
    breaks: 'AUTH-3',
    also: [{ requirement: 'AUTH-8', because: 'of a bad token and a bad room, only the room is told' }],
    summary: 'A badly signed token is admitted.',
    decisions: admitDespite(/signature/),
  },
  {
    name: 'unsigned-tokens-admitted',
    breaks: 'AUTH-3',
    summary: 'A token with `alg: none` is admitted.',
    decisions: admitDespite(/algorithm/),
  },
  {
    name: 'tokens-never-expire',
    breaks: 'AUTH-4',
    summary: 'An expired token is admitted.',
    decisions: admitDespite(/expired/),
  },
  {
    name: 'tokens-before-their-time',
    breaks: 'AUTH-5',
    summary: 'A token whose `nbf` lies in the future is admitted.',
    decisions: admitDespite(/`nbf`/),
  },
  {
    name: 'refused-are-announced',
    breaks: 'AUTH-6',
    summary: 'Whoever is refused is announced to the room as joined and left.',
    also: [{ requirement: 'AUTH-8', because: 'whoever it refuses has passed the check of the room before' }],
    decisions: refuseInTheRoom((room, event) => {
      const { connectionId, at } = event;
      const joined = transition(room, event);
      const left = transition(joined.room, { type: 'leave', connectionId, reason: 'left', at });
      const announced = joined.effects.filter((one) => one.type === 'deliver' && !one.to.includes(connectionId));
      return [...announced, ...left.effects];
    }),
  },
  {
    name: 'refused-after-joining',
    breaks: 'AUTH-6',
    summary: 'A token is checked only after its connection has joined the room, which sends it `room_state` first.',
    also: [
      { requirement: 'AUTH-3', because: 'who is to be refused is admitted first' },
      { requirement: 'AUTH-4', because: 'who is to be refused is admitted first' },
      { requirement: 'AUTH-5', because: 'who is to be refused is admitted first' },
      { requirement: 'AUTH-9', because: 'a token that names no user is admitted first' },
      { requirement: 'AUTH-8', because: 'whoever it refuses has passed the check of the room before' },
    ],
    decisions: refuseInTheRoom((room, event) => transition(room, event).effects),
  },
  {
    name: 'close-code-of-its-own',
    breaks: 'AUTH-7',
    summary: 'A refused connection is closed 4401 after the `error`.',
    decisions: {
      refuse(...refused) {
        const refusal = defaultDecisions.refuse(...refused);
        return { ...refusal, close: { ...refusal.close, code: 4401 } };
      },
    },
    also: [{ requirement: 'AUTH-8', because: 'the refusal it recommends ends with close 1008' }],
  },
  {
    name: 'refusal-by-http',
    breaks: 'AUTH-8',
    summary: 'A token is refused with HTTP 401 to the handshake, which browsers hide.',
    decisions: refuseByHttp,
  },
  {
    name: 'refusal-of-one-kind',
    breaks: 'AUTH-8',
    summary: 'Every refusal says UNAUTHORIZED, for a bad room id as well.',
    decisions: {
      refuse: (error, ...place) => defaultDecisions.refuse({ ...error, code: 'UNAUTHORIZED' }, ...place),
    },
  },
  {
    name: 'forged-tokens-throw-out',
    breaks: 'AUTH-6',
    summary: 'A forged token of somebody who is in the room is refused, and takes its place.',
    decisions: refuseInTheRoom((room, { user }) => {
      const victim = room.byUser.get(user.userId.slice(outsider.length));
      return victim ? [{ type: 'close', connectionId: victim.connectionId, code: 4001, reason: 'replaced' }] : [];
    }),
    also: [{ requirement: 'AUTH-8', because: 'whoever it refuses has passed the check of the room before' }],
  },
  {
    name: 'admits-tokens-of-nobody',
    breaks: 'AUTH-9',
    summary: 'A token that names no user is admitted, as a user called undefined.',
    decisions: admitDespite(/names no user/),
  },
  {
    name: 'forged-tokens-lock-out',
    breaks: 'AUTH-1',
    summary: 'Where somebody came with a forged token of a user, that user is refused too.',
    decisions: () => {
      const locked = new Set<string>();
      const { transition: refuseForged, ...rest } = refuseInTheRoom((room, { user }) => {
        locked.add(`${room.id} ${outsider}${user.userId.slice(outsider.length)}`);
        return [];
      })() as ServerDecisions;
      return {
        ...rest,
        transition(room, event) {
          if (
            event.type === 'join' &&
            room.byUser.size === 0 &&
            locked.has(`${room.id} ${outsider}${event.user.userId}`)
          )
            return refuseForged(room, {
              ...event,
              user: { userId: outsider + event.user.userId, username: 'Locked.' },
            });
          return refuseForged(room, event);
        },
      };
    },
    also: [{ requirement: 'AUTH-8', because: 'whoever it refuses has passed the check of the room before' }],
  },
  {
    name: 'tokens-of-2-KiB-at-most',
    breaks: 'AUTH-1',
    summary: 'Longer tokens than 2 KiB are refused.',
    decisions: {
      async admit(tokens, verify) {
        if (tokens.some((token) => token.length > 2048)) return { ok: false, reason: 'The token is too long.' };
        return defaultDecisions.admit(tokens, verify);
      },
    },
  },
  {
    name: 'user-id-of-the-connection',
    breaks: 'AUTH-9',
    summary: 'A `user_id` is made up for each connection.',
    decisions: {
      async admit(tokens, verify) {
        const admission = await defaultDecisions.admit(tokens, verify);
        if (!admission.ok) return admission;
        return { ok: true, identity: { ...admission.identity, userId: randomUUID() } };
      },
    },
    also: [
      { requirement: 'JOIN-7', because: unlearned },
      { requirement: 'JOIN-8', because: 'a user who connects again is somebody else' },
      { requirement: 'JOIN-9', because: unlearned },
      { requirement: 'ROOM-7', because: 'nobody is the same user in two rooms' },
      { requirement: 'ROOM-4', because: 'who is in a room cannot be told from a stranger' },
      { requirement: 'JOIN-11', because: 'what a user sends is not from the user id that its token names' },
      { requirement: 'JOIN-13', because: 'what a user sends is not from the user id that its token names' },
    ],
  },
  {
    name: 'config-repeats-the-token',
    breaks: 'AUTH-10',
    summary: 'The answer with the configuration has the token in a header.',
    decisions: {
      async answerConfig(request, verify, config) {
        const answer = await defaultDecisions.answerConfig(request, verify, config);
        if (answer.status !== 200) return answer;
        return { ...answer, headers: { ...answer.headers, 'x-authorization': request.authorization ?? '' } };
      },
    },
  },
  {
    name: 'error-with-the-token',
    breaks: 'AUTH-10',
    summary: 'The `error` to a refused connection repeats its token.',
    decisions: {
      async admit(tokens, verify) {
        const admission = await defaultDecisions.admit(tokens, verify);
        return admission.ok ? admission : { ok: false, reason: `${admission.reason} It was ${tokens[0]}.` };
      },
    },
  },
  {
    name: 'room-state-with-tokens',
    breaks: 'AUTH-10',
    summary: '`room_state` carries the token of each participant.',
    decisions: () => {
      const tokenOf = new Map<unknown, string>();
      return {
        async admit(tokens, verify) {
          const admission = await defaultDecisions.admit(tokens, verify);
          if (admission.ok) tokenOf.set(admission.identity.userId, tokens[0] ?? '');
          return admission;
        },
        ...changeWritten(['room_state'], (message) => {
          const list = message.payload.participants as { user_id: string }[];
          const participants = list.map((one) => ({ ...one, token: tokenOf.get(one.user_id) }));
          return { ...message, payload: { ...message.payload, participants } };
        }),
      };
    },
  },
  {
    name: 'selects-the-first-subprotocol',
    breaks: 'AUTH-12',
    summary: 'The first subprotocol that is offered is selected, a token among them.',
    decisions: {
      webSocketOptions: {
        ...defaultDecisions.webSocketOptions,
        handleProtocols: (protocols) => protocols.values().next().value ?? false,
      },
    },
  },
  {
    name: 'refuses-other-origins',
    breaks: 'AUTH-13',
    summary: 'Pages of other origins than one are refused, and the profile does not say so.',
    options: { allowedOrigins: ['https://only.example.com'] },
  },
  {
    name: 'refused-stay-connected',
    breaks: 'AUTH-7',
    summary: 'Whoever is refused is told so, and not closed.',
    decisions: useWebSocket(
      class extends WebSocket {
        override close(code?: number, reason?: string | Buffer): void {
          if (reason !== 'UNAUTHORIZED' && reason !== 'INVALID_ROOM_ID') super.close(code, reason);
        }
      },
    ),
    also: [{ requirement: 'AUTH-8', because: 'the close is missing' }],
  },
  {
    name: 'full-rooms-say-try-again',
    breaks: 'AUTH-7',
    summary: 'Whoever finds a room full is told so, and closed 1013.',
    options: { roomCapacity: 4 },
    profile: { features: new Set(['capacity']), capacity: 4 },
    decisions: useWebSocket(
      class extends WebSocket {
        override close(code?: number, reason?: string | Buffer): void {
          super.close(reason === 'ROOM_FULL' ? 1013 : code, reason);
        }
      },
    ),
  },
  {
    name: 'user-from-the-query',
    breaks: 'AUTH-9',
    summary: 'A `user_id` in the query goes before the user of the token.',
    decisions: () => {
      let named: string | undefined;
      return {
        locate(target, basePath) {
          named = new URLSearchParams(target.split('?')[1]).get('user_id') ?? undefined;
          return defaultDecisions.locate(target, basePath);
        },
        async admit(tokens, verify) {
          const userId = named; // Nothing happens between the two decisions.
          const admission = await defaultDecisions.admit(tokens, verify);
          return admission.ok && userId ? { ok: true, identity: { ...admission.identity, userId } } : admission;
        },
      };
    },
  },
];
