import { File, Text } from '@asyncapi/generator-react-sdk';

const literal = (value) => JSON.stringify(value);

export default function channel({ asyncapi }) {
  const [room] = asyncapi.channels().all();
  const address = room.address();
  const [parameter] = room.parameters().all();
  const pattern = parameter.extensions().get('x-pattern').value();
  const [prefix, suffix] = address.split(`{${parameter.id()}}`);
  const query = room.bindings().get('ws').json().query;
  const operations = asyncapi.operations().all();
  const directed = (action) => operations.filter((operation) => operation.action() === action);
  const names = (action) =>
    directed(action).flatMap((o) =>
      o
        .messages()
        .all()
        .map((m) => literal(m.name())),
    );
  const closeCodes = room.extensions().get('x-close-codes').value();
  const errorCodes = operations.flatMap((o) => o.extensions().get('x-error-codes')?.value() ?? []);
  const errorEnum = asyncapi
    .components()
    .messages()
    .get('ErrorMessage')
    .payload()
    .property('payload')
    .property('code')
    .enum();
  if (literal(errorEnum) !== literal(errorCodes.map(({ code }) => code))) {
    throw new Error('x-error-codes in asyncapi.yaml and the enum in schemas/error-code.json differ');
  }
  const catalogue = operations.flatMap((operation) =>
    operation
      .messages()
      .all()
      .map((message) => ({
        type: message.name(),
        name: message.id(),
        direction: operation.action() === 'receive' ? 'client-to-server' : 'server-to-client',
        operation: operation.id(),
        summary: message.summary(),
      })),
  );
  return (
    <File name="channel.ts">
      <Text>{`import type { ErrorCode } from './types.js';

/** What a room id may look like (ROOM-1). */
export const roomIdPattern = /${pattern}/;

/** Query parameter that carries the JWT, percent-encoded (CLIENT-2). */
export const tokenParameter = ${literal(query.required[0])};

/** Path of the HTTP configuration, below the base URL. */
export const configPath = '/webrtc/config';

/** Path of a room's WebSocket, below the base URL, with the id percent-encoded. */
export function channelPath(roomId: string): string {
  return ${literal(prefix)} + encodeURIComponent(roomId)${suffix ? ` + ${literal(suffix)}` : ''};
}

/** WebSocket close codes; \`reconnect\` says whether a client may come back by itself (CLIENT-11, CLIENT-12). */
export const closeCodes = {
${closeCodes.map(({ name, ...rest }) => `  ${name}: ${literal(rest)},`).join('\n')}
} as const;

/** When each error code is sent. */
export const errorCodes: Readonly<Record<ErrorCode, string>> = {
${errorCodes.map(({ code, text }) => `  ${code}: ${literal(text)},`).join('\n')}
};

/** Types a client may send. */
export const clientMessageTypes = [${names('receive').join(', ')}] as const;

/** Types a server may send. */
export const serverMessageTypes = [${names('send').join(', ')}] as const;

/** Every message of the channel: wire type, TypeScript name, direction and the operation it belongs to. */
export const messages = [
${catalogue.map((entry) => `  ${literal(entry)},`).join('\n')}
] as const;`}</Text>
    </File>
  );
}
