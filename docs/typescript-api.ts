import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Application, LogLevel, ReflectionKind } from 'typedoc';

/** What the package exports: entry point to the name it is imported by. */
const entryPoints: Record<string, string> = {
  'generated/index.ts': 'webrtc-room-signaling',
  'reference-client/client.ts': 'webrtc-room-signaling/client',
  'reference-server/edge/server.ts': 'webrtc-room-signaling/server',
  'conformance/api.ts': 'webrtc-room-signaling/conformance',
};

/** Writes the reference of the package's TypeScript API into a folder; returns what went wrong, for people. */
export async function buildTypeScriptApi(root: string, output: string): Promise<string[]> {
  const present = Object.keys(entryPoints).filter((file) => existsSync(path.join(root, file)));
  const application = await Application.bootstrap({
    entryPoints: present.map((file) => path.join(root, file)),
    tsconfig: path.join(root, 'tsconfig.json'),
    basePath: root,
    name: 'webrtc-room-signaling',
    readme: 'none',
    navigationLinks: { 'All pages': '../index.html' },
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    githubPages: false,
    hideGenerator: true,
    // `npm run types` says so, with more to the point.
    skipErrorChecking: true,
    validation: { notExported: false },
    logLevel: LogLevel.Warn,
  });
  const project = await application.convert();
  if (project === undefined) return ['The TypeScript API cannot be read.'];

  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    const file = present.find((each) => each.replace(/(\/index)?\.ts$/, '') === module.name);
    if (file !== undefined) module.name = entryPoints[file] ?? module.name;
  }
  application.validate(project);
  await application.generateDocs(project, output);
  await useIconsOfThePage(output);
  return application.logger.hasErrors() ? ['The reference of the TypeScript API has errors; see above.'] : [];
}

/** Browsers refuse icons of another file where a page is opened as a file; a script puts the same ones into the page. */
async function useIconsOfThePage(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.html')) continue;
    const file = path.join(folder, name);
    const html = await readFile(file, 'utf8');
    await writeFile(file, html.replaceAll(/(<use href=")[^"#]*icons\.svg#/g, '$1#'));
  }
}
