import { File, Text } from '@asyncapi/generator-react-sdk';

const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

function kind(schema) {
  if (schema.const() !== undefined) return `\`${JSON.stringify(schema.const())}\``;
  if (schema.enum())
    return schema
      .enum()
      .map((value) => `\`${JSON.stringify(value)}\``)
      .join(', ');
  if (schema.oneOf()) return schema.oneOf().map(kind).join(' or ');
  const types = [schema.type()].flat();
  const text = types
    .map((type) => (type === 'array' && schema.items() ? `array of ${kind(schema.items())}` : type))
    .join(' or ');
  const bounds = [];
  if (schema.pattern()) bounds.push(`\`${schema.pattern()}\``);
  if (schema.format()) bounds.push(schema.format());
  if (schema.minLength()) bounds.push('not empty');
  if (schema.minimum() !== undefined) bounds.push(`from ${schema.minimum()}`);
  if (schema.maximum() !== undefined) bounds.push(`to ${schema.maximum()}`);
  return bounds.length ? `${text} (${bounds.join(', ')})` : text;
}

function rows(schema, prefix = '') {
  const required = schema.required() ?? [];
  return Object.entries(schema.properties() ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const row = `| \`${path}\` | ${required.includes(name) ? 'yes' : 'no'} | ${cell(kind(member))} | ${cell(member.description() ?? '')} |`;
    const item = member.items?.();
    const inner = [member.type()].flat().includes('object') ? rows(member, `${path}.`) : [];
    const items = item && !Array.isArray(item) && item.type() === 'object' ? rows(item, `${path}[].`) : [];
    return [row, ...inner, ...items];
  });
}

function section(message, operation) {
  const direction = operation.action() === 'receive' ? 'client to server' : 'server to client';
  const examples = message
    .examples()
    .all()
    .map((example) => `${example.summary()}:\n\n\`\`\`json\n${JSON.stringify(example.payload(), null, 2)}\n\`\`\``);
  return `## ${message.title()}\n\n\`${message.name()}\`, ${direction}, TypeScript \`${message.id()}\`. ${message.summary()} ${message.description()}\n\n| Member | Required | Kind | Meaning |\n| --- | --- | --- | --- |\n${rows(message.payload()).join('\n')}\n\n${examples.join('\n\n')}\n`;
}

export default function messages({ asyncapi }) {
  const sections = asyncapi
    .operations()
    .all()
    .flatMap((operation) =>
      operation
        .messages()
        .all()
        .map((message) => section(message, operation)),
    );
  const [room] = asyncapi.channels().all();
  const closeCodes = room.extensions().get('x-close-codes').value();
  const errorCodes = asyncapi
    .operations()
    .all()
    .flatMap((o) => o.extensions().get('x-error-codes')?.value() ?? []);
  return (
    <File name="messages.md">
      <Text>{`# Messages

Each message of \`${room.address()}\`, as the schemas have it. Members that are not listed are allowed and ignored.

${sections.join('\n')}
## Error codes

| Code | When |
| --- | --- |
${errorCodes.map(({ code, text }) => `| \`${code}\` | ${text} |`).join('\n')}

## Close codes

| Code | Name | Client reconnects | When |
| --- | --- | --- | --- |
${closeCodes.map(({ code, name, reconnect, text }) => `| ${code} | ${name} | ${reconnect ? 'yes' : 'no'} | ${text} |`).join('\n')}
`}</Text>
    </File>
  );
}
