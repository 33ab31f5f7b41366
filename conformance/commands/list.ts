import type { Command } from 'commander';
import { createCommand } from '../../bin/create-command.js';
import { type RequirementId, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { UsageError } from '../inputs/usage-error.js';
import { scenarios } from '../scenarios/index.js';
import type { CommandContext } from './command.js';

/** `conformance list`: every requirement with its scenarios. */
export function listCommand(context: CommandContext): Command {
  return createCommand('list', context)
    .description('Tells what is checked: every requirement and its scenarios.')
    .summary('what is checked: every requirement and its scenarios')
    .option('--json', 'as JSON')
    .action(({ json = false }: { json?: boolean }) => list(json, context.stdout));
}

function list(json: boolean, stdout: NodeJS.WritableStream): void {
  if (json) {
    const entries = Object.values(requirements).map((requirement) => ({
      ...requirement,
      scenarios: scenariosOf(requirement.id),
    }));
    stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    return;
  }
  for (const { id, level, text, feature, party } of Object.values(requirements)) {
    const names = scenariosOf(id);
    stdout.write(`${id.padEnd(10)} ${level.padEnd(8)} ${feature ? `[${feature}] ` : ''}${text}\n`);
    if (names.length === 0) stdout.write(`${' '.repeat(20)}${party === 'client' ? 'binds clients' : 'no scenario'}\n`);
    for (const name of names) stdout.write(`${' '.repeat(20)}- ${name}\n`);
  }
}

function scenariosOf(id: RequirementId): string[] {
  return scenarios.filter((scenario) => scenario.requirements.includes(id)).map(({ name }) => name);
}

/** `conformance explain ID`: one requirement, where it stands and what checks it. */
export function explainCommand(context: CommandContext): Command {
  return createCommand('explain', context)
    .description('Explains one requirement: its text, where it stands, its scenarios.')
    .summary('one requirement: its text, where it stands, its scenarios')
    .argument('<id>', 'requirement ID, such as RELAY-4')
    .action((id: string) => explain(id, context.stdout));
}

function explain(wanted: string, stdout: NodeJS.WritableStream): void {
  const ids = Object.keys(requirements) as RequirementId[];
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
}
