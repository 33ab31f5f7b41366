import { Rooms } from '../core/rooms.js';
import type { CreateBackplane } from './backplane.js';

/** Keeps all rooms in this process: the backplane of a server that is the only one. An event and all that follows are one step. */
export const memoryBackplane: CreateBackplane = ({ transition, capacity, edge }) => {
  const rooms = new Rooms(transition, capacity);
  return {
    start: () => Promise.resolve(),
    happen(roomId, event) {
      for (const effect of rooms.apply(roomId, event)) {
        if (effect.type === 'close') edge.close(effect.connectionId, effect.code, effect.reason);
        else edge.send(effect.to, edge.encode(effect));
      }
      return undefined;
    },
    healthy: () => true,
    get rooms() {
      return rooms.size;
    },
    close: () => Promise.resolve(),
  };
};
