import type { Documents, Requirement } from './documents.js';

/** Names of the areas, in the order of the protocol; each id begins with its area. */
const areas: Record<string, string> = {
  CONFIG: 'Configuration over HTTP',
  AUTH: 'Admission',
  ROOM: 'Rooms',
  JOIN: 'Joining',
  RELAY: 'Relaying',
  OFFER: 'Offers',
  ANSWER: 'Answers',
  ICE: 'ICE candidates',
  LEAVE: 'Leaving',
  ERROR: 'Errors',
  LIMIT: 'Limits',
  LIVE: 'Connection',
  CLIENT: 'Clients',
};

/** The requirement catalogue and the identity of the documents it was made from. */
export function emitRequirements(documents: Documents): string {
  const unnamed = documents.requirements.find(({ id }) => !((id.split('-')[0] ?? '') in areas));
  if (unnamed) throw new Error(`${unnamed.id}: its area has no name in codegen/emit-requirements.ts`);
  const ids = documents.requirements.map(({ id }) => `  | '${id}'`).join('\n');
  const features = [...new Set(documents.requirements.flatMap(({ feature }) => feature ?? []))].sort();
  const entries = documents.requirements.map((entry) => `  '${entry.id}': ${JSON.stringify(entry)},`).join('\n');
  return `/** Permanent id of a rule. */
export type RequirementId =
${ids};

/** Name of an optional feature; its rules bind only a server that claims it. */
export type Feature = ${features.map((feature) => `'${feature}'`).join(' | ')};

/** Area of the protocol: what an id begins with. */
export type RequirementArea = ${Object.keys(areas)
    .map((area) => `'${area}'`)
    .join(' | ')};

/** RFC 2119 level. */
export type RequirementLevel = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';

/** A rule of the protocol and where it stands in the documents. */
export interface Requirement {
  id: RequirementId;
  level: RequirementLevel;
  text: string;
  /** The optional feature it belongs to. */
  feature?: Feature;
  /** Why no test can observe it. */
  untestable?: string;
  /** Whom it binds. */
  party: 'server' | 'client';
  /** File that states it. */
  document: string;
  /** Line in that file, from 1. */
  line: number;
  /** The element it governs. */
  subject: string;
}

/** Version of the documents, and the SHA-256 of each with all schemas. */
export const specification = {
  version: '${documents.asyncapi.info.version}',
  asyncapiSha256: '${documents.sha256.asyncapi}',
  openapiSha256: '${documents.sha256.openapi}',
} as const;

/** Every area, with its name for people. */
export const requirementAreas: Readonly<Record<RequirementArea, string>> = ${JSON.stringify(areas)};

/** The area that a rule belongs to. */
export function areaOf(id: RequirementId): RequirementArea {
  return id.slice(0, id.lastIndexOf('-')) as RequirementArea;
}

/** Every optional feature the documents name. */
export const features: readonly Feature[] = [${features.map((feature) => `'${feature}'`).join(', ')}];

/** Every rule, by id. */
export const requirements: Readonly<Record<RequirementId, Requirement>> = {
${entries}
};
`;
}

/** The same catalogue as Markdown tables, one per area. */
export function emitRequirementTables(documents: Documents): string {
  const grouped = new Map<string, Requirement[]>();
  for (const requirement of documents.requirements) {
    const area = requirement.id.split('-')[0] ?? '';
    grouped.set(area, [...(grouped.get(area) ?? []), requirement]);
  }
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const tables = Array.from(grouped, ([area, list]) => {
    const rows = list.map(
      ({ id, level, text, feature, document, line, subject }) =>
        `| <a id="${id}"></a>${id} | ${level} | ${feature ? `[${feature}] ` : ''}${cell(text)} | [${subject}](../${document}#L${line}) |`,
    );
    return `## ${areas[area] ?? area}\n\n| ID | Level | Rule | Stated at |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Requirements\n\nEvery rule of the protocol with its permanent id. Levels are those of RFC 2119. A rule marked with a [feature] binds only a\nserver that claims the feature.\n\n${tables.join('\n')}`;
}
