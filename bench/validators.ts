import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';
import { readDocuments } from '../codegen/documents.js';
import { dateTime } from '../codegen/emit-validators.js';
import {
  validateIceCandidateMessage,
  validateOfferMessage,
  validateRoomStateMessage,
} from '../generated/validators.js';
import type { BenchOptions, Table } from './bench.js';
import { interleave, ratios, spread } from './interleave.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The generated validators beside stock ajv and zod, each on the same parsed message. */
export async function benchValidators({ rounds = 7, milliseconds = 200 }: BenchOptions): Promise<Table[]> {
  const all = await ajvCompiler({ allErrors: true });
  const first = await ajvCompiler({});
  const subjects = [
    {
      file: 'offer/valid/sender-id-ignored.json',
      schema: 'offer.json',
      generated: validateOfferMessage,
      zod: zodOffer,
    },
    {
      file: 'ice-candidate/valid/chrome-mdns-host.json',
      schema: 'ice-candidate.json',
      generated: validateIceCandidateMessage,
      zod: zodIceCandidate,
    },
    {
      file: 'room-state/valid/ten-participants.json',
      schema: 'room-state.json',
      generated: validateRoomStateMessage,
      zod: zodRoomState,
    },
  ];
  const table: Table = {
    title: `Validations per second (median of ${rounds} rounds) and how many times faster the generated validator is`,
    columns: ['message', 'bytes', 'validator', 'per second', 'min', 'median', 'max'],
    rows: [],
  };
  for (const { file, schema, generated, zod } of subjects) {
    const text = JSON.stringify(JSON.parse(await readFile(path.join(root, 'schemas/examples', file), 'utf8')));
    const message: unknown = JSON.parse(text);
    const ajvAll = all(schema);
    const ajvFirst = first(schema);
    const contenders: Record<string, () => boolean> = {
      generated: () => generated(message),
      'ajv, allErrors': () => ajvAll(message),
      'ajv, first error': () => ajvFirst(message),
      zod: () => zod.safeParse(message).success,
    };
    for (const [name, call] of Object.entries(contenders)) {
      if (!call()) throw new Error(`${name} finds ${file} not valid`);
    }
    const rates = interleave(contenders, { rounds, milliseconds });
    for (const name of Object.keys(contenders)) {
      const ratio = spread(ratios(rates, 'generated', name));
      table.rows.push({
        message: file.split('/')[0] ?? '',
        bytes: Buffer.byteLength(text),
        validator: name,
        'per second': Math.round(spread(rates[name] ?? []).median),
        ...(name === 'generated' ? {} : ratio),
      });
    }
  }
  return [table];
}

/** Stock ajv, compiled in memory as its manual says, on the very schemas the generated validators are made from. */
async function ajvCompiler(options: { allErrors?: boolean }): Promise<(file: string) => ValidateFunction> {
  const documents = await readDocuments(root);
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats: { 'date-time': dateTime }, ...options });
  for (const { file, schema } of documents.schemas) ajv.addSchema(schema, file);
  return (file) => {
    const validate = ajv.getSchema(file);
    if (!validate) throw new Error(`no schema ${file}`);
    return validate;
  };
}

const timestamp = z.string().regex(dateTime);
const roomId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
const userId = z.string().min(1);
const clientEnvelope = {
  room_id: z.string().nullish(),
  timestamp: timestamp.nullish(),
  sender_id: z.string().nullish(),
};

const zodOffer = z.looseObject({
  type: z.literal('offer'),
  payload: z.looseObject({
    type: z.literal('offer'),
    sdp: z.string().min(1),
    target_user_id: z.string().nullish(),
  }),
  ...clientEnvelope,
});

const zodIceCandidate = z.looseObject({
  type: z.literal('ice_candidate'),
  payload: z.looseObject({
    candidate: z.string(),
    sdp_mid: z.string().nullish(),
    sdp_m_line_index: z.int().min(0).max(65535).nullish(),
    username_fragment: z.string().nullish(),
    target_user_id: z.string().nullish(),
  }),
  ...clientEnvelope,
});

const zodRoomState = z.looseObject({
  type: z.literal('room_state'),
  payload: z.looseObject({
    participants: z.array(
      z.looseObject({ user_id: userId, username: z.string().optional(), joined_at: timestamp.optional() }),
    ),
    participant_count: z.int().min(0).optional(),
    room_id: roomId.optional(),
  }),
  room_id: roomId,
  timestamp,
});
