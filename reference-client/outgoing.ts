import { type ClientMessage, checkClientMessage, type SchemaViolation } from '../generated/index.js';
import { InvalidMessageError } from './errors.js';
import type { IceCandidate, SessionDescription } from './rtc.js';

/**
 * The message that passes a description on, not yet checked; a missing description is the check's to find. `offerId` names
 * the offer that it is, or answers (CLIENT-20).
 */
export function descriptionMessage(
  type: 'offer' | 'answer',
  targetUserId: string,
  description: SessionDescription | null | undefined,
  offerId: string | undefined,
) {
  const { type: kind, sdp } = description ?? {};
  const offer = offerId === undefined ? {} : { offer_id: offerId };
  return { type, payload: { type: kind, sdp, ...offer, target_user_id: targetUserId } };
}

/** The `ice_candidate` message for a candidate, or for the end of them (ICE-2), not yet checked. */
export function iceCandidateMessage(targetUserId: string, candidate: IceCandidate | null | undefined) {
  const from = candidate ?? { candidate: '', sdpMid: null, sdpMLineIndex: null };
  return {
    type: 'ice_candidate',
    payload: {
      // The default of RTCIceCandidateInit.
      candidate: from.candidate ?? '',
      ...(from.sdpMid !== undefined && { sdp_mid: from.sdpMid }),
      ...(from.sdpMLineIndex !== undefined && { sdp_m_line_index: from.sdpMLineIndex }),
      ...(from.usernameFragment !== undefined && { username_fragment: from.usernameFragment }),
      target_user_id: targetUserId,
    },
  };
}

/**
 * Completes a message and checks it as the server will (CLIENT-14), and what only a client can break (CLIENT-16).
 *
 * @throws {@link InvalidMessageError}
 */
export function checkedMessage(
  draft: { type: string; payload: Record<string, unknown> & { target_user_id: string } },
  roomId: string,
  id: string,
): ClientMessage {
  // The schema allows none, which means everybody; from untyped callers that is a mistake (CLIENT-3, CLIENT-5, CLIENT-6).
  if (typeof draft.payload.target_user_id !== 'string' || draft.payload.target_user_id === '') {
    throw violating(draft.type, { path: '/payload/target_user_id', message: 'is not a non-empty string' });
  }
  if (draft.type === 'ice_candidate' && !hasPlace(draft.payload)) {
    throw violating(draft.type, { path: '/payload', message: 'has neither sdp_mid nor sdp_m_line_index' });
  }
  const checked = checkClientMessage({ ...draft, room_id: roomId, timestamp: new Date().toISOString(), id }, roomId);
  if (!checked.ok) throw new InvalidMessageError(checked.error.message, checked.error.details?.errors ?? []);
  return checked.message;
}

function violating(type: string, violation: SchemaViolation): InvalidMessageError {
  return new InvalidMessageError(`${type}: ${violation.path} ${violation.message}`, [violation]);
}

/** Tells whether a candidate says which media section it belongs to; browsers throw where it does not (CLIENT-16). */
function hasPlace(payload: Record<string, unknown>): boolean {
  return payload.candidate === '' || (payload.sdp_mid ?? payload.sdp_m_line_index ?? null) !== null;
}
