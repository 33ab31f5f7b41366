import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { documentsCopy, root, runCodegen } from '../test/checkout.js';
import { generate } from './generate.js';

async function edit(folder: string, file: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path.join(folder, file), 'utf8');
  const edited = text.replace(from, to);
  expect(edited, `${file} has no ${from}`).not.toBe(text);
  await writeFile(path.join(folder, file), edited);
}

function changed(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...after.keys()].filter((name) => before.get(name) !== after.get(name)).sort();
}

describe('generate', { timeout: 120_000 }, () => {
  let current: Map<string, string>;

  beforeAll(async () => {
    current = await generate(root);
  }, 120_000);

  it('makes the same bytes each time, and they are the ones in generated/', async () => {
    expect(await generate(root)).toEqual(current);
    for (const [name, content] of current) {
      expect(content === (await readFile(path.join(root, 'generated', name), 'utf8')), `generated/${name}`).toBe(true);
    }
    expect((await readdir(path.join(root, 'generated'))).sort()).toEqual([...current.keys()].sort());
  });

  it('carries a changed list and a new required member into types, validators and the reference', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'schemas/leave-reason.json', '"replaced"', '"replaced", "removed"');
    await edit(copy.path, 'schemas/user-joined.json', '"user_id"\n', '"user_id", "username"\n');
    const after = await generate(copy.path);
    expect(changed(current, after)).toEqual(expect.arrayContaining(['messages.md', 'types.ts', 'validators.ts']));
    expect(after.get('types.ts')).toContain("'replaced' | 'removed'");
    expect(current.get('types.ts')).toMatch(/interface UserJoinedPayload \{[^}]*username\?: string/);
    expect(after.get('types.ts')).toMatch(/interface UserJoinedPayload \{[^}]*username: string/);
  });

  it('carries a changed bound into validators and the reference, since no type can say it', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'schemas/ice-candidate.json', '65535', '255');
    const names = changed(current, await generate(copy.path));
    expect(names).toEqual(expect.arrayContaining(['messages.md', 'validators.ts']));
    expect(names).not.toContain('types.ts');
  });

  it('refuses two schemas that would produce one type name', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'schemas/relayed-offer.json', '"RelayedOfferPayload"', '"OfferPayload"');
    await expect(generate(copy.path)).rejects.toThrow('two schemas produce one name: OfferPayload1');
  });

  it('refuses a schema keyword it does not know', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'schemas/user-id.json', '"minLength"', '"minLenght"');
    await expect(generate(copy.path)).rejects.toThrow('minLenght');
  });

  it('refuses error codes that differ between asyncapi.yaml and the schema', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'asyncapi.yaml', '- code: ROOM_FULL', '- code: ROOM_IS_FULL');
    await expect(generate(copy.path)).rejects.toThrow('x-error-codes');
  });

  it('refuses a document the AsyncAPI parser finds faulty, with its line', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'asyncapi.yaml', 'action: receive', 'action: recieve');
    await expect(generate(copy.path)).rejects.toThrow(/asyncapi\.yaml:\d+ operations\/receiveSignal\/action/);
  });
});

describe('generate.ts', { timeout: 120_000 }, () => {
  it('makes generated/ anew, and then --check says nothing and exits 0', async () => {
    await using copy = await documentsCopy();
    await rm(path.join(copy.path, 'generated'), { recursive: true });
    expect(await runCodegen('generate.ts', copy.path)).toMatchObject({ code: 0, stderr: '' });
    expect(await runCodegen('generate.ts', copy.path, '--check')).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('generate.ts --check', { timeout: 120_000 }, () => {
  it('exits 1 and names each file that a changed rule, a changed constraint or a hand made different', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'asyncapi.yaml', 'Room ids are case-sensitive.', 'Room ids ignore case.');
    await edit(copy.path, 'schemas/ice-candidate.json', '65535', '255');
    await edit(copy.path, 'generated/types.ts', /$/, '// edited by hand\n');
    await rm(path.join(copy.path, 'generated/codec.ts'));
    await writeFile(path.join(copy.path, 'generated/left-over.ts'), '');
    const { code, stdout, stderr } = await runCodegen('generate.ts', copy.path, '--check');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.pop()).toBe('Run `npm run generate` and commit the result.');
    expect(lines).toEqual(
      expect.arrayContaining([
        'generated/left-over.ts is not generated any more',
        'generated/codec.ts is missing',
        'generated/types.ts differs from what the documents say',
        'generated/validators.ts differs from what the documents say',
        'generated/requirements.ts differs from what the documents say',
        'generated/requirements.md differs from what the documents say',
        'generated/messages.md differs from what the documents say',
      ]),
    );
    expect(lines).not.toContainEqual(expect.stringMatching('channel.ts|index.ts'));
  });

  it('exits 1 with one line and no stack trace when a document is faulty', async () => {
    await using copy = await documentsCopy();
    await edit(copy.path, 'openapi.yaml', 'version: 1.0.0', 'version: 1.0.1');
    expect(await runCodegen('generate.ts', copy.path, '--check')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'info.version differs: asyncapi.yaml says 1.0.0, openapi.yaml says 1.0.1\n',
    });
  });
});
