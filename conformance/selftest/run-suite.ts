import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequirementId } from '../../generated/index.js';
import { type Profile, plainProfile } from '../inputs/profile.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import type { Scenario } from '../kit/scenario.js';
import { type EmbeddedServer, startEmbedded } from '../run/embedded.js';
import { run } from '../run/runner.js';
import { scenarios } from '../scenarios/index.js';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants/index.js';
import { type Variation, variations } from './variations.js';

/** What a run of the suite against one server gave. */
export interface SuiteResult {
  name: string;
  exitCode: number;
  /** Requirements that failed, SHOULDs included. */
  failed: RequirementId[];
  /** Those of them that a scenario judges so; the others were seen broken in passing, in the same frames. */
  judged: RequirementId[];
  /** Requirements during which the suite itself failed, which no server may bring about. */
  harnessErrors: RequirementId[];
  /** MUSTs that could not be judged in a scenario, and why. */
  open: string[];
  /** Why there was no run at all. */
  error?: string;
  /** Lines of the scenarios that judged, and whether a judgement there failed, or says why it never does. */
  judgements: Record<string, 'held' | 'failed'>;
}

type Subject = Omit<Variation, 'summary'>;

/** Servers that are right: the reference as it is, with every optional feature that it has, and unlike itself. */
export const references: readonly Subject[] = [
  { name: 'reference' },
  {
    name: 'reference-with-features',
    options: {
      roomCapacity: 5,
      rateLimit: { burst: 200, perSecond: 100 },
      heartbeatMs: 2000,
      allowedOrigins: ['https://app.example.com'],
    },
    profile: {
      features: new Set(['capacity', 'rate-limit', 'heartbeat', 'cors', 'shutdown']),
      capacity: 5,
      rateLimit: { burst: 200, perSecond: 100 },
      heartbeatSeconds: 6,
      corsOrigin: 'https://app.example.com',
      messageLimitBytes: 65_536,
    },
  },
  ...variations,
];

/** Scenarios that move tens of megabytes: a fifth of the work of a run, for one rule. */
const judgesFloodOnly = ({ requirements }: Scenario) => requirements.join() === 'RELAY-13';

/**
 * Starts the server of this name, runs every scenario against it and stops it. Mutants that break something else are not flooded.
 */
export async function runSuite(name: string, isPatient = false): Promise<SuiteResult> {
  const subject: Subject | Mutant | undefined = [...references, ...mutants].find((one) => one.name === name);
  if (subject === undefined) throw new Error(`there is no server "${name}"`);
  const { decisions, options, profile, front, leavesShoulds }: Subject = subject;
  // What is right comes in time, however busy the machine; what a mutant does not send is waited for in full.
  const { timeoutMs = isPatient || references.includes(subject) ? 5000 : 1500 } = subject;
  const isFlooded = !('breaks' in subject) || ['RELAY-13', 'ERROR-9', 'LEAVE-1'].includes(subject.breaks);
  const server = await startEmbedded(typeof decisions === 'function' ? decisions() : decisions, options);
  const url = new URL(server.url);
  const inFront = await front?.(Number(url.port));
  if (inFront) url.port = String(inFront.port);
  const stopper = await listenForShutdown(server);
  try {
    const secrets = new Secrets();
    const judgements: SuiteResult['judgements'] = {};
    const report = await run({
      scenarios: isFlooded ? scenarios : scenarios.filter((scenario) => !judgesFloodOnly(scenario)),
      onJudgement: (site, holds, neverFails) => {
        if (!holds || neverFails !== undefined) judgements[site] = 'failed';
        else judgements[site] ??= 'held';
      },
      targets: [parseTarget(url.href)],
      tokens: await mintTokens({ key: server.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets),
      secrets,
      profile: completeProfile(profile, stopper.command),
      level: leavesShoulds ? 'must' : 'should',
      trace: 'off',
      workers: front ? 64 : 8,
      timeoutMs,
    });
    const having = (outcome: string) =>
      report.coverage.requirements.flatMap((one) => (one.outcome === outcome ? [one.id] : []));
    return {
      name,
      exitCode: report.summary.exitCode,
      failed: having('fail'),
      judged: having('fail').filter((id) =>
        report.results.some(
          ({ requirement, outcome, evidence }) =>
            requirement === id && outcome === 'fail' && evidence !== undefined && evidence !== 'observed',
        ),
      ),
      harnessErrors: having('harness_error'),
      open: report.results.flatMap(({ level, outcome, requirement, scenario, actual }) =>
        level === 'MUST' && outcome === 'inconclusive' ? [`${requirement} ${scenario}: ${actual}`] : [],
      ),
      judgements,
    };
  } finally {
    stopper.close();
    await inFront?.close();
    await server.close();
  }
}

function completeProfile(claims: Partial<Profile> = {}, shutdownCommand: string): Profile {
  const profile = { ...plainProfile, ...claims };
  return profile.features.has('shutdown') ? { ...profile, shutdownCommand } : profile;
}

/** A door through which a command can stop a server in this process (LIVE-3). */
async function listenForShutdown(server: EmbeddedServer): Promise<{ command: string; close(): void }> {
  const door = http.createServer((_request, response) => {
    response.end();
    void server.close();
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as AddressInfo;
  return {
    command: `"${process.execPath}" -e "fetch('http://127.0.0.1:${port}')"`,
    close: () => door.close(),
  };
}
