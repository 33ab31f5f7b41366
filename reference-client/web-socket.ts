import { InvalidOptionError } from './errors.js';

/** The part of a WebSocket that is used; those of browsers, Node >= 22 and the package ws fit. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: 'open' | 'error', listener: (event: { readonly type: string }) => void): void;
}

/** Opens a WebSocket. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;

/**
 * The given constructor, else the global one.
 *
 * @throws {@link InvalidOptionError} when there is neither, as in Node 20.
 */
export function webSocketConstructor(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (found === undefined) {
    throw new InvalidOptionError(
      'WebSocket',
      'is needed: this runtime has no global one (Node has since 22). Pass the WebSocket of the package ws.',
    );
  }
  return found;
}
