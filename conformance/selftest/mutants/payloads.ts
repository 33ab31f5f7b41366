import { Buffer } from 'node:buffer';
import { checkClientSchema } from '../../../generated/index.js';
import { defaultDecisions, type ServerDecisions } from '../../run/embedded.js';
import { changeWrittenPayload, interceptTexts, type Json, type Loose, parseInAnyCase } from '../alter.js';
import type { Mutant } from '../mutant.js';

const relayed = ['offer', 'answer', 'ice_candidate'];
const known = [
  'type',
  'sdp',
  'candidate',
  'sdp_mid',
  'sdp_m_line_index',
  'username_fragment',
  'target_user_id',
  'sender_id',
];

/** Decisions under which members that the schemas do not name are changed, or left out with undefined. */
function changeUnknown(change: (value: unknown, name: string) => unknown): Partial<ServerDecisions> {
  return changeWrittenPayload(relayed, (payload) =>
    Object.fromEntries(
      Object.entries(payload).map(([name, value]) => [name, known.includes(name) ? value : change(value, name)]),
    ),
  );
}

/** A value with every text in it changed. */
function withTexts(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, change)]));
}

/** A value without the members of its objects that are null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutNulls(item)]));
}

/** Payloads that arrive with something changed, as decoders and databases do it. */
export const payloadMutants: readonly Mutant[] = [
  {
    name: 'drops-zero-and-false',
    breaks: 'RELAY-5',
    summary: 'Unknown members that are 0, false or "" are left out.',
    decisions: changeUnknown((value) => (value === null ? value : value || undefined)),
  },
  {
    name: 'drops-inner-nulls',
    breaks: 'RELAY-5',
    summary: 'Nulls inside unknown members are left out.',
    decisions: changeUnknown(withoutNulls),
  },
  {
    name: 'normalizes-texts',
    breaks: 'RELAY-5',
    summary: 'Texts are normalized to NFC.',
    decisions: changeUnknown((value) => withTexts(value, (text) => text.normalize('NFC'))),
  },
  {
    name: 'trims-texts',
    breaks: 'RELAY-5',
    summary: 'White space at the ends of texts is trimmed.',
    decisions: changeUnknown((value) => withTexts(value, (text) => text.trim())),
  },
  {
    name: 'reads-times',
    breaks: 'RELAY-5',
    summary: 'Texts that look like a time are written anew.',
    decisions: changeUnknown((value) =>
      withTexts(value, (text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).toISOString() : text)),
    ),
  },
  {
    name: 'reads-numbers',
    breaks: 'RELAY-5',
    summary: 'Texts that look like a number become one.',
    decisions: changeUnknown((value) => withTexts(value, (text) => (/^\d+$/.test(text) ? Number(text) : text))),
  },
  {
    name: 'escapes-markup',
    breaks: 'RELAY-5',
    summary: 'Markup in texts is escaped.',
    decisions: changeUnknown((value) => withTexts(value, (text) => text.replaceAll('<', '&lt;'))),
  },
  {
    name: 'names-in-any-case',
    breaks: 'RELAY-5',
    summary: 'A payload member whose name differs from a known one by case only takes its place.',
    decisions: {
      parse(text, roomId) {
        const parsed = parseInAnyCase(text, roomId);
        if (!parsed.ok) return parsed;
        const payload = parsed.message.payload as unknown as Json;
        const entries = Object.entries(payload).map(([name, value]) => {
          const lower = name.toLowerCase();
          return [lower === 'target_user_id' ? lower : name, value];
        });
        return checkClientSchema({ ...parsed.message, payload: Object.fromEntries(entries) }, roomId);
      },
    },
    also: [{ requirement: 'ERROR-14', because: 'it is not refused' }],
  },
  {
    name: 'escaped-names-unknown',
    breaks: 'RELAY-5',
    summary: 'A message whose names are written with escapes is dropped without a word.',
    decisions: interceptTexts((text) => !text.includes('"\\u0074ype"')),
  },
  {
    name: 'adds-a-message-id',
    breaks: 'RELAY-5',
    summary: 'The payload arrives with a `message_id` that nobody wrote.',
    decisions: changeWrittenPayload(relayed, (payload) => ({ ...payload, message_id: 'm-1' })),
  },
  {
    name: 'limit-in-ascii',
    breaks: 'RELAY-10',
    summary: 'The limit is measured with every character beyond ASCII escaped.',
    decisions: {
      readFrame(data, isBinary, limit) {
        const escaped = data.toString().replace(/[\u0080-\uffff]/g, '\\u0000').length;
        return defaultDecisions.readFrame(escaped > limit ? Buffer.alloc(limit + 1) : data, isBinary, limit);
      },
    },
  },
  {
    name: 'large-texts-cut',
    breaks: 'RELAY-10',
    summary: 'Texts of more than 32,000 characters are cut.',
    decisions: changeWrittenPayload(relayed, (payload) => withTexts(payload, (text) => text.slice(0, 32_000)) as Loose),
  },
];
