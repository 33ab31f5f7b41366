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

/** Types that only servers send. */
export const serverOnlyTypes: ReadonlySet<string> = new Set(['room_state', 'user_joined', 'user_left', 'error']);
