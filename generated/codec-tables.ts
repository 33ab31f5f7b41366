// Generated from asyncapi.yaml, openapi.yaml and schemas/ by `npm run generate`. Do not edit.

import {
  validateAnswerMessage,
  validateErrorMessage,
  validateIceCandidateMessage,
  validateOfferMessage,
  validateRelayedAnswerMessage,
  validateRelayedIceCandidateMessage,
  validateRelayedOfferMessage,
  validateRoomStateMessage,
  validateUserJoinedMessage,
  validateUserLeftMessage,
  type Validator,
} from './validators.js';

/** Validators of what clients send, by type. */
export const clientValidators: ReadonlyMap<string, Validator<unknown>> = new Map<string, Validator<unknown>>([
  ['offer', validateOfferMessage],
  ['answer', validateAnswerMessage],
  ['ice_candidate', validateIceCandidateMessage],
]);

/** Validators of what servers send, by type. */
export const serverValidators: ReadonlyMap<string, Validator<unknown>> = new Map<string, Validator<unknown>>([
  ['offer', validateRelayedOfferMessage],
  ['answer', validateRelayedAnswerMessage],
  ['ice_candidate', validateRelayedIceCandidateMessage],
  ['room_state', validateRoomStateMessage],
  ['user_joined', validateUserJoinedMessage],
  ['user_left', validateUserLeftMessage],
  ['error', validateErrorMessage],
]);

/** Names of the members of an envelope, with what a server writes. */
export const envelopeMembers: ReadonlySet<string> = new Set(['type', 'payload', 'room_id', 'timestamp', 'sender_id', 'id']);

/** Names of the members of each payload that clients send, with what a server writes. */
export const payloadMembers: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['offer', new Set(['type', 'sdp', 'offer_id', 'target_user_id', 'sender_id'])],
  ['answer', new Set(['type', 'sdp', 'offer_id', 'target_user_id', 'sender_id'])],
  ['ice_candidate', new Set(['candidate', 'sdp_mid', 'sdp_m_line_index', 'username_fragment', 'target_user_id', 'sender_id'])],
]);

/** Types that only servers send. */
export const serverOnlyTypes: ReadonlySet<string> = new Set(['room_state', 'user_joined', 'user_left', 'error']);
