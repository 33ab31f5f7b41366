import type { Scenario } from '../kit/scenario.js';
import { authScenarios } from './auth.js';
import { callScenarios } from './call.js';
import { comingScenarios } from './comings.js';
import { configScenarios } from './config.js';
import { connectionScenarios } from './connection.js';
import { dwellingScenarios } from './dwelling.js';
import { endingScenarios } from './endings.js';
import { errorScenarios } from './error.js';
import { forgeryScenarios } from './forgeries.js';
import { hostileScenarios } from './hostile.js';
import { iceScenarios } from './ice.js';
import { instanceScenarios } from './instances.js';
import { joinScenarios } from './join.js';
import { leaveScenarios } from './leave.js';
import { answerScenarios, offerScenarios } from './negotiation.js';
import { newcomerScenarios } from './newcomer.js';
import { payloadScenarios } from './payloads.js';
import { reconnectScenarios } from './reconnect.js';
import { relayScenarios } from './relay.js';
import { returnScenarios } from './return.js';
import { roomScenarios } from './room.js';
import { schemaScenarios } from './schema.js';
import { sizeScenarios } from './sizes.js';
import { userScenarios } from './users.js';
import { volumeScenarios } from './volume.js';

/** Every scenario of the kit, in the order of the areas of the specification. */
export const scenarios: readonly Scenario[] = [
  ...callScenarios,
  ...configScenarios,
  ...authScenarios,
  ...forgeryScenarios,
  ...userScenarios,
  ...roomScenarios,
  ...joinScenarios,
  ...newcomerScenarios,
  ...reconnectScenarios,
  ...returnScenarios,
  ...comingScenarios,
  ...relayScenarios,
  ...payloadScenarios,
  ...sizeScenarios,
  ...volumeScenarios,
  ...offerScenarios,
  ...answerScenarios,
  ...iceScenarios,
  ...leaveScenarios,
  ...endingScenarios,
  ...errorScenarios,
  ...hostileScenarios,
  ...schemaScenarios,
  ...dwellingScenarios,
  ...instanceScenarios,
  ...connectionScenarios,
];
