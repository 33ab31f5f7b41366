import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentsCopy, root } from '../test/checkout.js';
import { messagesOf, readDocuments } from './documents.js';

/** Reads the documents after one replacement in one of them. */
async function readWith(file: string, from: string, to: string) {
  await using copy = await documentsCopy();
  const text = await readFile(path.join(copy.path, file), 'utf8');
  expect(text).toContain(from);
  await writeFile(path.join(copy.path, file), text.replace(from, to));
  return await readDocuments(copy.path);
}

describe('readDocuments', () => {
  it('finds each requirement with the line that states it and the element it governs', async () => {
    const { requirements } = await readDocuments(root);
    for (const { id, document, line } of requirements) {
      const lines = (await readFile(path.join(root, document), 'utf8')).split('\n');
      expect(lines[line - 1], id).toContain(`id: ${id}`);
    }
    const subject = (id: string) => requirements.find((requirement) => requirement.id === id)?.subject;
    expect(subject('CONFIG-1')).toBe('GET /webrtc/config');
    expect(subject('ROOM-1')).toBe('channel room');
    expect(subject('RELAY-4')).toBe('operation relaySignal');
  });

  it('orders requirements by area and number', async () => {
    const { requirements } = await readDocuments(root);
    const relay = requirements.map(({ id }) => id).filter((id) => id.startsWith('RELAY-'));
    expect(relay).toEqual(Array.from(relay, (_, index) => `RELAY-${index + 1}`));
    expect(requirements[0]?.id).toBe('CONFIG-1');
    expect(requirements.at(-1)?.party).toBe('client');
  });

  it.each([
    [
      'an id used twice',
      'asyncapi.yaml',
      'id: ROOM-3',
      'id: ROOM-4',
      /requirement ROOM-4 stands twice: .*:\d+ and .*:\d+/,
    ],
    ['an id used in both documents', 'openapi.yaml', 'id: CONFIG-2', 'id: ROOM-3', /requirement ROOM-3 stands twice/],
    ['an id of the wrong form', 'asyncapi.yaml', 'id: ROOM-3', 'id: room-3', /asyncapi\.yaml:\d+: id room-3/],
    [
      'a level outside RFC 2119',
      'asyncapi.yaml',
      'level: SHOULD',
      'level: OUGHT',
      /asyncapi\.yaml:\d+: level is one of/,
    ],
    [
      'a member it does not know',
      'asyncapi.yaml',
      'feature: capacity',
      'faeture: capacity',
      /ROOM-6 has an unknown member faeture/,
    ],
    [
      'a requirement on no element',
      'asyncapi.yaml',
      'info:\n',
      'info:\n  x-requirements: [{ id: X-1, level: MUST, text: x }]\n',
      /put them on an operation/,
    ],
    ['documents of different versions', 'openapi.yaml', 'version: 1.0.0', 'version: 1.1.0', /info\.version differs/],
    ['YAML that does not parse', 'openapi.yaml', 'info:\n', 'info: {\n', /^openapi\.yaml: /],
    [
      'a schema without a title',
      'schemas/user-id.json',
      '"title": "UserId",',
      '',
      /schemas\/user-id\.json: every schema file needs a title/,
    ],
  ])('refuses %s', async (_, file, from, to, message) => {
    await expect(readWith(file, from, to)).rejects.toThrow(message);
  });
});

describe('messagesOf', () => {
  it('lists the messages of each direction', async () => {
    const documents = await readDocuments(root);
    expect(messagesOf(documents, 'receive').map(({ type }) => type)).toEqual(['offer', 'answer', 'ice_candidate']);
    expect(messagesOf(documents, 'send')).toContainEqual({ type: 'offer', title: 'RelayedOfferMessage' });
  });

  it('refuses a message whose component name differs from the title of its schema', async () => {
    const documents = await readWith('schemas/offer.json', '"OfferMessage"', '"Offer"');
    expect(() => messagesOf(documents, 'receive')).toThrow('message OfferMessage has payload schemas/offer.json');
  });
});
