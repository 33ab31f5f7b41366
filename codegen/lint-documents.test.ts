import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentsCopy, runCodegen } from '../test/checkout.js';

async function lintWith(
  ...edits: [file: string, from: string, to: string][]
): Promise<{ code: number; output: string }> {
  await using copy = await documentsCopy();
  for (const [file, from, to] of edits) {
    const text = await readFile(path.join(copy.path, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(path.join(copy.path, file), text.replace(from, to));
  }
  const { code, stdout, stderr } = await runCodegen('lint-documents.ts', copy.path);
  return { code, output: stdout + stderr };
}

describe('lint-documents.ts', { timeout: 120_000 }, () => {
  it('says one line when both documents are good', async () => {
    expect(await lintWith()).toEqual({ code: 0, output: 'asyncapi.yaml and openapi.yaml: no errors\n' });
  });

  it('exits 1 with file, line and reason of each fault', async () => {
    const { code, output } = await lintWith(
      ['asyncapi.yaml', 'action: receive', 'action: recieve'],
      ['asyncapi.yaml', 'x-requirements:\n      - id: JOIN-4', 'x-rules:\n      - id: JOIN-4'],
      ['openapi.yaml', 'operationId: getWebrtcConfig', 'operationIdentity: x'],
    );
    expect(code).toBe(1);
    expect(output).toMatch(/asyncapi\.yaml:\d+ operations\/receiveSignal\/action: .*must be equal to one of/);
    expect(output).toContain('Every operation lists the rules it is governed by');
    expect(output).toMatch(/openapi\.yaml:\d+:\d+ .*operationIdentity/);
    expect(output).not.toContain('╔');
  });

  it('shows a warning and exits 0', async () => {
    const { code, output } = await lintWith(['openapi.yaml', '      operationId: getWebrtcConfig\n', '']);
    expect(code).toBe(0);
    expect(output).toContain('operation-operationId');
  });
});
