import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type RequirementId, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { UsageError } from '../inputs/usage-error.js';
import type { Result } from '../kit/outcome.js';
import type { Scenario } from '../kit/scenario.js';
import type { StaleEntry } from './report.js';

/** A failure that is known and accepted for a while. */
export interface BaselineEntry {
  /** As written: `RELAY-3`, or `scenario name/RELAY-3`. */
  check: string;
  requirement: RequirementId;
  /** Where given, it accepts the failure in this scenario only. */
  scenario?: string;
  /** `fail`: it fails every time. `flaky`: it may pass. */
  mode: 'fail' | 'flaky';
  reason: string;
  issue?: string;
  /** Last day on which it is accepted, as YYYY-MM-DD. */
  expires?: string;
}

const members = ['check', 'mode', 'reason', 'issue', 'expires'];

/** Reads a file of expected failures. Throws {@link UsageError} naming the entry and what is wrong with it. */
export async function readBaseline(file: string, scenarios: readonly Scenario[]): Promise<BaselineEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--expected-failures: cannot read ${file} (${error.code})`);
  });
  let raw: unknown;
  try {
    raw = parse(text, { schema: 'failsafe' });
  } catch (error) {
    throw new UsageError(`${file} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const { version, entries } = (raw ?? {}) as { version?: unknown; entries?: unknown };
  if (version !== '1') throw new UsageError(`${file}: version wants the number 1`);
  if (!Array.isArray(entries)) throw new UsageError(`${file}: entries wants a list`);
  return entries.map((entry, index) => checkEntry(entry, `${file}: entry ${index + 1}`, scenarios));
}

function checkEntry(raw: unknown, where: string, scenarios: readonly Scenario[]): BaselineEntry {
  if (typeof raw !== 'object' || raw === null) throw new UsageError(`${where} is not a mapping`);
  const { check, mode = 'fail', reason, issue, expires, ...rest } = raw as Record<string, string>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, members);
    throw new UsageError(`${where}: unknown member ${unknown}${nearest ? `; did you mean ${nearest}?` : ''}`);
  }
  if (!check) throw new UsageError(`${where}: check wants a requirement, or scenario/requirement`);
  const cut = check.lastIndexOf('/');
  const id = check.slice(cut + 1);
  if (!Object.hasOwn(requirements, id)) {
    const nearest = nearestName(id, Object.keys(requirements));
    throw new UsageError(`${where}: there is no requirement ${id}${nearest ? `; did you mean ${nearest}?` : ''}`);
  }
  const scenario = cut < 0 ? undefined : check.slice(0, cut);
  const judged = scenarios.filter(({ requirements: ids }) => ids.includes(id as RequirementId)).map(({ name }) => name);
  if (scenario !== undefined && !judged.includes(scenario)) {
    throw new UsageError(`${where}: no scenario "${scenario}" judges ${id}; those that do: ${judged.join(', ')}`);
  }
  if (mode !== 'fail' && mode !== 'flaky') throw new UsageError(`${where}: mode wants fail or flaky, not ${mode}`);
  if (!reason) throw new UsageError(`${where}: reason wants a sentence`);
  if (expires !== undefined && !(/^\d{4}-\d{2}-\d{2}$/.test(expires) && !Number.isNaN(Date.parse(expires)))) {
    throw new UsageError(`${where}: expires wants a day such as 2027-01-31, not ${expires}`);
  }
  return {
    check,
    requirement: id as RequirementId,
    ...(scenario !== undefined && { scenario }),
    mode,
    reason,
    ...(issue !== undefined && { issue }),
    ...(expires !== undefined && { expires }),
  };
}

/** Marks the failures that are expected on `today` (YYYY-MM-DD), and says which entries do not hold. */
export function applyBaseline(
  results: readonly Result[],
  baseline: readonly BaselineEntry[],
  today: string,
): { results: Result[]; stale: StaleEntry[] } {
  const covers = (entry: BaselineEntry, { requirement, scenario }: Result) =>
    entry.requirement === requirement && (entry.scenario === undefined || entry.scenario === scenario);
  const live = baseline.filter(({ expires }) => expires === undefined || expires >= today);
  const marked = results.map((result) => {
    if (result.outcome !== 'fail') return result;
    const entry = live.find((candidate) => covers(candidate, result));
    return entry === undefined ? result : { ...result, baseline: entry.mode };
  });
  const stale = baseline.flatMap((entry): StaleEntry[] => {
    const own = results.filter((result) => covers(entry, result));
    const { check, expires, mode } = entry;
    if (own.length > 0 && own.every(({ outcome }) => outcome === 'skipped')) return [];
    if (expires !== undefined && expires < today) return [{ check, problem: `expired on ${expires}` }];
    if (own.some(({ outcome }) => outcome === 'fail')) return [];
    if (!own.some(({ outcome }) => outcome === 'pass')) return [{ check, problem: 'was not run' }];
    return mode === 'fail' ? [{ check, problem: 'passes now; remove the entry' }] : [];
  });
  return { results: marked, stale };
}
