import type { Command } from 'commander';
import { createCommand } from '../../bin/create-command.js';
import { type RequirementId, requirementAreas, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { areaNamed, ruleNames, rulesNamed } from '../inputs/rule-names.js';
import { UsageError } from '../inputs/usage-error.js';
import { scenarios } from '../scenarios/index.js';
import { mutants } from '../selftest/mutants/index.js';
import type { CommandContext } from './command.js';
import { placesOf, readSourceLines, type SourceLine } from './source-lines.js';

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

/** `conformance explain ID`: one requirement, or each of an area: where it stands and what checks it. */
export function explainCommand(context: CommandContext): Command {
  return createCommand('explain', context)
    .description(
      'Explains one requirement, or each of an area: its text, and where its document, code, scenarios and mutants are.',
    )
    .summary('one requirement, or each of an area: its text, and where its document, code, scenarios and mutants are')
    .argument('<id>', 'requirement ID or area, such as RELAY-4 or RELAY')
    .action((word: string) => {
      context.stdout.write(explain(word));
    });
}

function explain(word: string): string {
  const area = areaNamed(word);
  const ids = rulesNamed(word);
  if (ids.length === 0) {
    const nearest = nearestName(word, ruleNames(word));
    throw new UsageError(
      `There is no requirement and no area "${word}"${nearest ? `; did you mean ${nearest}?` : '; `list` shows them all'}`,
    );
  }
  const heading = area === undefined ? [] : [`${area}: ${requirementAreas[area]}\n`];
  const sources = {
    // What is there to be ported first.
    code: ['reference-server/core', 'reference-server', 'reference-client'].flatMap((folder) =>
      readSourceLines(folder),
    ),
    scenarios: readSourceLines('conformance/scenarios'),
    mutants: readSourceLines('conformance/selftest/mutants'),
  };
  return [...heading, ...ids.map((id) => explainRule(id, sources))].join('\n');
}

function explainRule(id: RequirementId, sources: Record<'code' | 'scenarios' | 'mutants', SourceLine[]>): string {
  const { level, text, feature, party, document, line, subject } = requirements[id];
  const checked = scenariosOf(id).map((name) => withPlace(name, sources.scenarios));
  if (checked.length === 0) checked.push(party === 'client' ? 'none: it binds clients' : 'none');
  const wrong = mutants
    .filter(({ breaks }) => breaks === id)
    .map(({ name, summary }) => `${withPlace(name, sources.mutants)}: ${summary}`);
  const code = [...new Set(placesOf(id, sources.code))];
  const lines = [
    `${id} ${level}`,
    text,
    '',
    `Stated at   ${document}:${line} (${subject})`,
    `Binds       ${party === 'client' ? 'clients' : feature ? `servers that claim the feature ${feature}` : 'every server'}`,
    ...(code.length > 0 ? ['Code', ...code.map(item)] : []),
    'Scenarios',
    ...checked.map(item),
    ...(wrong.length > 0
      ? ['Mutants (servers that break it; `selftest --only NAME` runs one)', ...wrong.map(item)]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

const item = (text: string) => `  - ${text}`;

function withPlace(name: string, lines: readonly SourceLine[]): string {
  const [place] = placesOf(name, lines);
  return place === undefined ? name : `${name} (${place})`;
}
