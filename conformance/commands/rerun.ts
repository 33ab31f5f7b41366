/** How the user started `conformance`, as it would be typed again. */
export function startedAs({
  CONFORMANCE_ACTION,
  npm_lifecycle_event: script,
  npm_command: npm,
}: NodeJS.ProcessEnv): string {
  if (CONFORMANCE_ACTION === 'true') return 'the action again, with args:';
  if (script === 'conformance' && npm !== 'exec') return 'npm run conformance --';
  return 'npx webrtc-room-signaling conformance';
}

/** Options that are not repeated: what selects, since something else is to be selected, and where reports went. */
const dropped = ['--only', '--skip', '--reporter'];

/** Options that inputs of the action stand for, by the variable in which it has them. */
const inputsOfAction = { TARGET: '--target', SIGNALING_JWT_SECRET: '--jwt-secret-env', PROFILE: '--profile' };

/** The command as the user would type it again, without what selects. */
export function commandAgain(argv: readonly string[], env: NodeJS.ProcessEnv): string {
  const isAction = env.CONFORMANCE_ACTION === 'true';
  const inputs = Object.entries(inputsOfAction).flatMap(([name, flag]) => (isAction && env[name] ? [flag] : []));
  const left = [...dropped, ...inputs];
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const [flag = ''] = word.split('=');
    if (!left.includes(flag)) kept.push(quoted(word));
    else if (flag === word) index += 1;
  }
  return [startedAs(env), ...kept].join(' ');
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
