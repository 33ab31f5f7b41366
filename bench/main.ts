import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Table } from './bench.js';
import { formatTable } from './format-table.js';
import { benchRedis } from './redis.js';
import { benchRelay, relayParts } from './relay.js';
import { benchSuite } from './suite.js';
import { benchValidators } from './validators.js';

const benches: Record<string, { run: Bench; about: string }> = {
  validators: { run: benchValidators, about: 'generated validators beside stock ajv and zod' },
  suite: { run: benchSuite, about: 'wall time of the conformance suite' },
  relay: { run: benchRelay, about: 'the reference server beside raw ws, socket.io, PeerServer and uWebSockets.js' },
  redis: { run: benchRedis, about: 'two instances over Redis beside one in memory; needs redis-server' },
};

const list = Object.entries(benches).map(([name, { about }]) => `  ${name.padEnd(20)}${about}`);
const help = `Usage: npm run bench -- [options] [benchmark...]

Runs the benchmarks named, or all:
${list.join('\n')}

Options:
  --rounds <n>        counted rounds, in each of which all contenders take their turn (7; relay and redis: 9)
  --milliseconds <n>  how long each contender runs in each round (200; relay and redis: 250)
  --quick             relay and redis: 3 rounds of 100 ms, 500 idle connections, 2,000 rooms, below a minute
  --only <parts>      relay: only these parts, separated by commas: ${relayParts.join(', ')}
  --connections <n>   relay: idle connections whose memory is measured (10000)
  --profile <folder>  relay: writes CPU profiles of the reference server there
  --json              prints JSON in place of tables
  --help              prints this

relay and redis pin servers to core 0 and the load client to core 1, with taskset if it is there. Ratios are taken within
each round, so that a host that drifts does not tell in them; a goal is met if their median meets it. Unless told how
many rounds or milliseconds, relay leaves out its last parts where the machine is so busy that it would take over 5 minutes.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    rounds: { type: 'string' },
    milliseconds: { type: 'string' },
    connections: { type: 'string' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const { quick, profile } = values;
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const counts = {
  rounds: number(values.rounds),
  milliseconds: number(values.milliseconds),
  connections: number(values.connections),
};
const only = values.only?.split(',') ?? [];
const unknown = positionals.find((name) => !(name in benches));
const unknownPart = only.find((part) => !relayParts.includes(part));

if (values.help) {
  console.log(help);
} else if (unknown !== undefined) {
  fail(`no benchmark ${unknown}; there is ${Object.keys(benches).join(', ')}`);
} else if (unknownPart !== undefined) {
  fail(`no part ${unknownPart}; there is ${relayParts.join(', ')}`);
} else if (Object.values(counts).some((count) => count !== undefined && !(count >= 1))) {
  fail('--rounds, --milliseconds and --connections take a number from 1');
} else {
  const tables: Record<string, Table[]> = {};
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    const found = (await benches[name]?.run({ ...counts, quick, only, profile })) ?? [];
    tables[name] = found;
    if (!values.json) for (const table of found) console.log(formatTable(table));
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length };
  if (values.json) console.log(JSON.stringify({ ...machine, ...counts, tables }, null, 2));
  else console.log(`Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}`);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
