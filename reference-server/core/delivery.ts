import type { ClientMessage, ServerMessage } from '../../generated/index.js';
import type { Stamp } from './messages.js';
import type { Delivery } from './room.js';

/** The message that all receivers of a delivery get. */
export function messageOf(delivery: Delivery): ServerMessage {
  return delivery.type === 'relay' ? relayed(delivery.message, delivery.stamp) : delivery.message;
}

/**
 * Stamps a client's message with its sender, its room and a time (RELAY-4, RELAY-8, RELAY-9).
 * All other members stay as they are, unknown ones included (RELAY-5, RELAY-12): the `sdp` of an offer or answer (OFFER-1,
 * ANSWER-1), and a candidate with its nulls, the empty one too (ICE-1, ICE-2).
 */
function relayed(message: ClientMessage, stamp: Stamp): ServerMessage {
  return {
    ...message,
    ...stamp,
    timestamp: message.timestamp ?? stamp.timestamp,
    // A spread defines members, it never assigns: an own `__proto__` of the sender's stays a plain member (ERROR-11).
    payload: { ...message.payload, sender_id: stamp.sender_id },
  } as ServerMessage;
}

/**
 * Encodes a message into the one text frame that all its receivers share.
 * Throws RangeError if the message is nested too deeply to be written (ERROR-11).
 */
export function encode(message: ServerMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}
