import type { Mutant } from '../mutant.js';
import { authMutants } from './auth.js';
import { configMutants } from './config.js';
import { connectionMutants } from './connection.js';
import { errorMutants } from './error.js';
import { iceMutants } from './ice.js';
import { joinMutants } from './join.js';
import { leaveMutants } from './leave.js';
import { lostTypeMutants } from './lost-types.js';
import { negotiationMutants } from './negotiation.js';
import { payloadMutants } from './payloads.js';
import { relayMutants } from './relay.js';
import { relayByTypeMutants } from './relay-by-type.js';
import { returnMutants } from './return.js';
import { roomMutants } from './room.js';
import { slowReceiverMutants } from './slow-receivers.js';

/** Every server that is wrong on purpose, in the order of the requirements. */
export const mutants: readonly Mutant[] = [
  ...configMutants,
  ...authMutants,
  ...roomMutants,
  ...joinMutants,
  ...returnMutants,
  ...relayMutants,
  ...relayByTypeMutants,
  ...payloadMutants,
  ...slowReceiverMutants,
  ...lostTypeMutants,
  ...negotiationMutants,
  ...iceMutants,
  ...leaveMutants,
  ...errorMutants,
  ...connectionMutants,
];
