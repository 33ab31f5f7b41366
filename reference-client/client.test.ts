import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the client', () => {
  it('bundles for browsers and needs nothing but generated/', async () => {
    const { metafile, warnings } = await build({
      entryPoints: ['reference-client/client.ts'],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
    for (const input of Object.keys(metafile.inputs)) expect(input).toMatch(/^(reference-client|generated)\//);
    for (const { imports } of Object.values(metafile.inputs))
      expect(imports.some(({ external }) => external)).toBe(false);
  });

  it('fits the types of the DOM', { timeout: 60_000 }, () => {
    const app = `${root}reference-client/dom-app.ts`;
    const source = `
      import { fetchWebrtcConfig, joinRoom, toRtcConfiguration } from './client.js';
      const options = { baseUrl: location.origin, token: 'a.b.c' };
      const config = await fetchWebrtcConfig({ ...options, fetch });
      const pc = new RTCPeerConnection(toRtcConfiguration(config));
      const room = await joinRoom({ ...options, roomId: 'r', WebSocket });
      room.on('offer', async ({ senderId, description }) => {
        await pc.setRemoteDescription(description);
        room.sendAnswer(senderId, await pc.createAnswer());
        if (pc.localDescription) room.sendAnswer(senderId, pc.localDescription);
      });
      room.on('ice_candidate', ({ candidate }) => pc.addIceCandidate(candidate));
      pc.onicecandidate = ({ candidate }) => room.sendIceCandidate('bob', candidate);
    `;
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
    };
    const host = ts.createCompilerHost(options);
    const { fileExists, getSourceFile } = host;
    host.fileExists = (file) => file === app || fileExists(file);
    host.getSourceFile = (file, ...rest) =>
      file === app ? ts.createSourceFile(file, source, ts.ScriptTarget.ES2022) : getSourceFile(file, ...rest);
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([app], options, host));
    expect(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });
});
