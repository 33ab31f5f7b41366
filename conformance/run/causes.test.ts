import { afterEach, describe, expect, it } from 'vitest';
import { plainProfile } from '../inputs/profile.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import { scenarios } from '../scenarios/index.js';
import { changeEffects, changeWritten, changeWrittenPayload, interceptTexts } from '../selftest/alter.js';
import { mutants } from '../selftest/mutants/index.js';
import { type EmbeddedOptions, type EmbeddedServer, type ServerDecisions, startEmbedded } from './embedded.js';
import { run } from './runner.js';

let server: EmbeddedServer;
afterEach(() => server.close());

/** Runs the scenarios of some areas against a server, and gives the causes it found and the rules it calls broken. */
async function judge(
  decisions: Partial<ServerDecisions>,
  areas: RegExp,
  options: EmbeddedOptions = {},
  // What a wrong server does not send is waited for in full; what is right comes in time, however busy the machine.
  timeoutMs: number = 1_000,
) {
  server = await startEmbedded(decisions, options);
  const secrets = new Secrets();
  const report = await run({
    targets: [parseTarget(server.url)],
    tokens: await mintTokens({ key: server.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets),
    secrets,
    profile: plainProfile,
    scenarios: scenarios.filter(({ requirements: [first = ''] }) => areas.test(first)),
    timeoutMs,
    waitMs: 200,
  });
  return {
    exitCode: report.summary.exitCode,
    open: report.coverage.requirements
      .filter(({ outcome }) => outcome === 'inconclusive')
      .map(({ id, reason }) => `${id}: ${reason}`),
    causes: (report.causes ?? []).map(({ text }) => text),
    broken: report.coverage.requirements.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id),
  };
}

/** A server that lets each user say so many messages within a time, wherever it is. */
function limitUsers(most: number, windowMs: number): Partial<ServerDecisions> {
  const users = new Map<string, string>();
  const windows = new Map<string, { end: number; count: number }>();
  return changeEffects((event, { effects }) => {
    if (event.type === 'join') users.set(event.connectionId, event.user.userId);
    if (event.type !== 'message') return effects;
    const user = users.get(event.connectionId) ?? '';
    const known = windows.get(user);
    const window = known && known.end > Date.now() ? known : { end: Date.now() + windowMs, count: 0 };
    windows.set(user, window);
    window.count += 1;
    if (window.count <= most) return effects;
    const details = { retry_after_ms: window.end - Date.now() };
    const payload = { code: 'RATE_LIMIT_EXCEEDED', message: 'Too much.', details } as const;
    const room_id = event.message.room_id ?? 'a-room';
    return [
      { type: 'deliver', to: [event.connectionId], message: { type: 'error', room_id, timestamp: event.at, payload } },
    ];
  });
}

const isBroken = (text: string) => !text.startsWith('{"type":"');

describe('a target that goes away', () => {
  it('is the first thing told', async () => {
    let isGone = false;
    const dying = interceptTexts((text) => {
      if (isBroken(text) && !isGone) {
        isGone = true;
        void server.close();
      }
      return true;
    });
    const { causes, exitCode } = await judge(dying, /^(ERROR-1$|JOIN-|LEAVE-)/);
    expect(causes[0]).toMatch(/^The target went away: \d/);
    expect(exitCode).not.toBe(0);
  });

  it('breaks no rule by closing everybody as it stops in order', async () => {
    let joined = 0;
    const stopping = changeEffects((event, { effects }) => {
      if (event.type === 'join' && ++joined === 40) void server.close();
      return effects;
    });
    const { causes, broken, exitCode } = await judge(stopping, /^(JOIN|LEAVE|RELAY)-/);
    expect(causes[0]).toMatch(/^The target went away: \d/);
    expect({ broken, exitCode }).toEqual({ broken: [], exitCode: 4 });
  });

  it('is not one that cuts off whoever sends what is no message', async () => {
    const cutting = interceptTexts((text, connection) => {
      if (isBroken(text)) connection.terminate();
      return !isBroken(text);
    });
    const { causes, broken } = await judge(cutting, /^(ERROR|JOIN|LEAVE)-/);
    expect(causes).toEqual([]);
    expect(broken).toContain('ERROR-1');
    expect(broken.filter((id) => !id.startsWith('ERROR-'))).toEqual([]);
  });
});

describe('a valid message that closes the connection', () => {
  const closing = (decide: (text: string) => boolean) =>
    interceptTexts((text, connection) => {
      if (decide(text)) connection.close(1011);
      return !decide(text);
    });

  it('is told once, with the rule that it breaks', async () => {
    const { causes, broken } = await judge(
      closing((text) => text.includes('"type":"ice_candidate"')),
      /^(RELAY|JOIN|ICE)-/,
    );
    expect(causes.filter((text) => text.startsWith('A valid ice_candidate'))).toHaveLength(1);
    expect(causes.join()).toContain('it closes the connection (1011)');
    expect(broken).toEqual(['ICE-1']);
  });

  it('is not one whose payload is broken', async () => {
    const { causes, broken } = await judge(
      closing((text) => text.includes('"type":"offer"') && text.includes('"sdp":""')),
      /^(ERROR-4|OFFER)/,
    );
    expect(causes).toEqual([]);
    expect(broken).toContain('ERROR-4');
  });
});

describe('a limit that the profile does not state', () => {
  it('is told once, with what to claim', async () => {
    const limited = { rateLimit: { burst: 30, perSecond: 10 } };
    const { causes, broken, open } = await judge({}, /^(RELAY|ICE)-/, limited);
    expect(causes).toEqual([
      expect.stringMatching(/^The target limits messages: it takes 3\d messages at once, then \d+(\.\d+)? a second, /),
    ]);
    expect(causes.join()).toMatch(/state it as rateLimit: \{burst: 3\d, perSecond: [\d.]+\}/);
    expect({ broken, open }).toEqual({ broken: [], open: [] });
  }, 60_000);

  it('hides no fault, where it counts per user and over all rooms', async () => {
    const types = ['offer', 'answer', 'ice_candidate'];
    const anonymous = changeWrittenPayload(types, (payload) => ({ ...payload, sender_id: 'nobody' }));
    const { causes, broken } = await judge({ ...limitUsers(40, 2_000), ...anonymous }, /^(RELAY|OFFER)-/);
    expect(causes).toEqual([
      expect.stringMatching(
        /^The target limits messages: it takes 40 messages in each [\d.]+ s at most, .* of a user together/,
      ),
    ]);
    expect(causes.join()).toMatch(/state it as rateLimit: \{burst: 20, perSecond: [\d.]+, per: user\}/);
    expect(broken).toEqual(['RELAY-4']);
  }, 60_000);

  it('is not told where the code of a limit is the answer to something else', async () => {
    const wrong = changeWrittenPayload(['error'], (payload) =>
      payload.code === 'TARGET_NOT_FOUND'
        ? { ...payload, code: 'RATE_LIMIT_EXCEEDED', details: { retry_after_ms: 1 } }
        : payload,
    );
    const { causes, broken } = await judge(wrong, /^RELAY-/);
    expect(causes).toEqual([]);
    expect(broken).toContain('RELAY-7');
  });

  it('is not told where nothing meets it', async () => {
    const { causes, exitCode } = await judge(
      {},
      /^(RELAY|ICE)-/,
      { rateLimit: { burst: 5_000, perSecond: 5_000 } },
      5_000,
    );
    expect({ causes, exitCode }).toEqual({ causes: [], exitCode: 0 });
  });
});

describe('names in another case', () => {
  const kebab = (types: string[]) =>
    changeWritten(types, (message) => ({ ...message, type: message.type.replaceAll('_', '-') }));

  it('are told once and read as they were meant, so that the rest is judged', async () => {
    const all = ['room_state', 'user_joined', 'user_left', 'ice_candidate'];
    const { causes, broken } = await judge(kebab(all), /^(JOIN|LEAVE|RELAY)-/);
    expect(causes.filter((text) => text.startsWith('The target spells names'))).toHaveLength(1);
    expect(broken).toEqual(['JOIN-1']);
  });

  it('that only one type has are a fault of that type', async () => {
    const { causes, broken } = await judge(kebab(['user_left']), /^(JOIN|LEAVE)-/);
    expect(causes).toEqual([]);
    expect(broken).toContain('LEAVE-1');
  });
});

describe('a rule that is broken in what other scenarios build on', () => {
  it('is broken, and leaves no scenario without a verdict', async () => {
    const twice = changeWrittenPayload(['room_state'], (payload) => {
      const listed = payload.participants as unknown[];
      return { ...payload, participants: [...listed, listed.at(-1)], participant_count: listed.length + 1 };
    });
    const { broken, exitCode } = await judge(twice, /^(JOIN|RELAY|OFFER)-/);
    expect(broken).toContain('JOIN-2');
    expect(exitCode).toBe(1);
  });
});

describe('a user who can be in one room only', () => {
  const wrong = (name: string) => {
    const { decisions = {} } = mutants.find((mutant) => mutant.name === name) ?? {};
    return typeof decisions === 'function' ? decisions() : decisions;
  };

  it('is told once, and the scenarios go on with users of their own', async () => {
    const { causes, broken } = await judge(wrong('one-room-a-user'), /^(RELAY|OFFER|ICE)-|^ROOM-7/);
    expect(causes.filter((text) => text.startsWith('A user who enters a second room'))).toHaveLength(1);
    expect(broken).toEqual(['ROOM-7']);
  });
});

describe('rooms that take fewer than the profile says', () => {
  it('are told once, and no rule is blamed', async () => {
    const { causes, broken, exitCode } = await judge({}, /^(AUTH|JOIN|RELAY)-/, { roomCapacity: 2 }, 5_000);
    expect(causes).toEqual([expect.stringMatching(/^The target limits its rooms: \w+ was answered ROOM_FULL\./)]);
    expect({ broken, exitCode }).toEqual({ broken: [], exitCode: 4 });
  });

  it('are not told where everybody fits in', async () => {
    const { causes, exitCode } = await judge({}, /^(AUTH|JOIN|RELAY)-/, { roomCapacity: 30 }, 5_000);
    expect({ causes, exitCode }).toEqual({ causes: [], exitCode: 0 });
  });
});

describe('an announcement without a name', () => {
  it('breaks the rule about it alone', async () => {
    const { broken } = await judge(
      changeWrittenPayload(['user_joined'], ({ user_id, ...payload }) => ({ id: user_id, ...payload })),
      /^(JOIN|LEAVE)/,
    );
    expect(broken).toEqual(['JOIN-4']);
  });
});

describe('a list of participants without names', () => {
  const renamed = changeWrittenPayload(['room_state'], ({ participants, ...payload }) => ({
    ...payload,
    participants: (participants as { user_id: string }[]).map(({ user_id, ...rest }) => ({ userId: user_id, ...rest })),
  }));

  it('breaks the rule about the list alone', async () => {
    const { broken } = await judge(renamed, /^(AUTH-9|ROOM|JOIN|LEAVE|RELAY)/);
    expect(broken).toEqual(['JOIN-1']);
  });
});
