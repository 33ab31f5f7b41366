import { type RequirementId, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { UsageError } from '../inputs/usage-error.js';
import { scenarios } from '../scenarios/index.js';

/** `conformance list`: every requirement with its scenarios. */
export function list(argv: readonly string[], stdout: NodeJS.WritableStream): number {
  if (argv.includes('--json')) {
    const entries = Object.values(requirements).map((requirement) => ({
      ...requirement,
      scenarios: scenariosOf(requirement.id),
    }));
    stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    return 0;
  }
  if (argv.length > 0) throw new UsageError(`list takes --json and nothing else, not "${argv[0]}"`);
  for (const { id, level, text, feature, party } of Object.values(requirements)) {
    const names = scenariosOf(id);
    stdout.write(`${id.padEnd(10)} ${level.padEnd(8)} ${feature ? `[${feature}] ` : ''}${text}\n`);
    if (names.length === 0) stdout.write(`${' '.repeat(20)}${party === 'client' ? 'binds clients' : 'no scenario'}\n`);
    for (const name of names) stdout.write(`${' '.repeat(20)}- ${name}\n`);
  }
  return 0;
}

function scenariosOf(id: RequirementId): string[] {
  return scenarios.filter((scenario) => scenario.requirements.includes(id)).map(({ name }) => name);
}

/** `conformance explain ID`: one requirement, where it stands and what checks it. */
export function explain([wanted, ...rest]: readonly string[], stdout: NodeJS.WritableStream): number {
  const ids = Object.keys(requirements) as RequirementId[];
  if (wanted === undefined || rest.length > 0)
    throw new UsageError('explain wants one requirement ID, such as RELAY-4');
  const id = ids.find((known) => known.toLowerCase() === wanted.toLowerCase());
  if (id === undefined) {
    const nearest = nearestName(wanted, ids);
    throw new UsageError(
      `There is no requirement "${wanted}"${nearest ? `; did you mean ${nearest}?` : '; `list` shows them all'}`,
    );
  }
  const { level, text, feature, party, document, line, subject } = requirements[id];
  const names = scenariosOf(id);
  const checked =
    names.length > 0
      ? names.map((name) => `  - ${name}`)
      : [party === 'client' ? '  none: it binds clients' : '  none'];
  const lines = [
    `${id} ${level}`,
    text,
    '',
    `Stated at   ${document}:${line} (${subject})`,
    `Binds       ${party === 'client' ? 'clients' : feature ? `servers that claim the feature ${feature}` : 'every server'}`,
    'Scenarios',
    ...checked,
  ];
  stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
