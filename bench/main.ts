import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Table } from './bench.js';
import { formatTable } from './format-table.js';
import { benchSuite } from './suite.js';
import { benchValidators } from './validators.js';

const benches: Record<string, Bench> = {
  validators: benchValidators,
  suite: benchSuite,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    milliseconds: { type: 'string', default: '200' },
  },
});
const options = { rounds: Number(values.rounds), milliseconds: Number(values.milliseconds) };
const unknown = positionals.find((name) => !(name in benches));

if (unknown !== undefined) {
  console.error(`no benchmark ${unknown}; there is ${Object.keys(benches).join(', ')}`);
  process.exitCode = 1;
} else if (!(options.rounds >= 1 && options.milliseconds >= 1)) {
  console.error('--rounds and --milliseconds take a number from 1');
  process.exitCode = 1;
} else {
  const tables: Record<string, Table> = {};
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    const table = await benches[name]?.(options);
    if (table === undefined) continue;
    tables[name] = table;
    if (!values.json) console.log(formatTable(table));
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown' };
  if (values.json) console.log(JSON.stringify({ ...machine, ...options, tables }, null, 2));
  else console.log(`Node ${machine.node}, ${machine.cpu}`);
}
