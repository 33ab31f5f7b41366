import { describe, expect, it } from 'vitest';
import { LogOutput } from './log-output.js';

/** A stream whose reader takes something only when told. */
class Sink {
  written = '';
  writableLength = 0;
  fail: (() => void) | undefined;

  write(text: string): void {
    this.written += text;
    this.writableLength += text.length;
  }

  on(_: 'error', listener: () => void): void {
    this.fail = listener;
  }
}

const line = `${'x'.repeat(1_023)}\n`;

describe('the log', () => {
  it('leaves lines out while its reader stalls, and says how many', () => {
    const sink = new Sink();
    const log = new LogOutput(sink);
    for (let count = 0; count < 10_000; count++) log.write(line);
    expect(sink.writableLength).toBeLessThan(1_100_000);
    const leftOut = 10_000 - sink.written.length / line.length;
    sink.writableLength = 0;
    sink.written = '';
    log.write(line);
    const [told = '', ...rest] = sink.written.split('\n');
    expect(JSON.parse(told)).toMatchObject({ leftOut, msg: 'log lines left out' });
    expect(rest).toHaveLength(2);
  });

  it('goes on without a reader that is gone', async () => {
    const sink = new Sink();
    const log = new LogOutput(sink);
    sink.fail?.();
    log.write(line);
    expect(sink.written).toBe('');
    expect(await log.drained(0)).toBe(true);
  });

  it('is waited for, and not for ever', async () => {
    const sink = new Sink();
    const log = new LogOutput(sink);
    expect(await log.drained(0)).toBe(true);
    log.write(line);
    expect(await log.drained(30)).toBe(false);
    setTimeout(() => {
      sink.writableLength = 0;
    }, 10);
    expect(await log.drained(5_000)).toBe(true);
  });
});
