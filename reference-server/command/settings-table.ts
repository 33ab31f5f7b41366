import { type Setting, settings } from './settings.js';

/** Writes every setting as the Markdown page that the documentation has of them. */
export function settingsTable(): string {
  const rows = Object.values<Setting>(settings).map(({ env, flag, description, default: fallback, wants }) => {
    const given = flag === undefined ? 'environment only' : code(flag);
    const value = [fallback === undefined ? 'none' : code(fallback), wants.includes('a value') ? '' : wants];
    return `| ${code(env)} | ${given} | ${cell(description)} | ${value[0]} | ${cell(value[1] ?? '')} |`;
  });
  return `# Settings of the reference server

Every setting of \`webrtc-room-signaling serve\`. A flag goes before its variable; an empty variable is an unset one. Secrets have no flag, because
everybody on a machine can see the arguments of its processes. [Operating the reference server](guides/operating.md) tells which ones matter when. With \`--plain\` the server of \`reference-server/core\` starts instead, which takes the address, the secret and the ICE servers.

| Variable | Flag | What it is | Default | Wants |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
