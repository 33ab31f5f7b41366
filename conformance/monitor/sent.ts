import { hasDuplicates, payloadKey, readMessage, ruleAgainstRelaying, stringOf } from './message.js';
import { exercise, type Model } from './model.js';
import type { Connection } from './people.js';

/** Takes in a text that a client sent. `isBinary` says that it went out in a binary frame. */
export function takeSent(model: Model, from: Connection, text: string, isBinary = false): void {
  const { room, visitor } = from;
  from.sent += 1;
  if (model.options.isSecret?.(text)) model.secretWasSent = true;
  if (room === undefined || visitor === undefined) return;
  const message = readMessage(text);
  const { value, payload } = message;
  const forbiddenBy = isBinary ? 'ERROR-7' : ruleAgainstRelaying(message, room.id);
  if (forbiddenBy !== undefined) takeFault(model, from);
  if (forbiddenBy !== undefined) exercise(model, forbiddenBy);
  const target = stringOf(payload.target_user_id);
  if (target !== undefined) {
    from.sentTargeted += 1;
    model.firstTargeted ??= model.now;
  }
  const key = payloadKey(payload);
  const isUnclear = value === undefined ? text.includes('payload') : value.payload !== payload;
  if (isUnclear || key === undefined || (value !== undefined && hasDuplicates(text, value))) {
    takeUnclear(model, from);
  } else if (value !== undefined) {
    model.sent.add(key, room, visitor, {
      ...{ from, event: model.now, message, target, forbiddenBy },
      arrivedAt: new Map(),
    });
  }
}

/** Takes in frames whose content is not known, or may be read in more than one way. */
export function takeUnclear(model: Model, from: Connection): void {
  if (from.visitor) from.visitor.isUnclear = true;
  takeFault(model, from);
}

function takeFault(model: Model, from: Connection): void {
  from.sentFaulty += 1;
  model.firstFault ??= model.now;
}
