import { spawn } from 'node:child_process';
import type { NoteEvent } from '../trace/trace-event.js';
import { Inconclusive } from './outcome.js';
import type { ScenarioContext } from './scenario-context.js';

/**
 * Runs a shell command that the profile names, which `does` something to the service, and waits until it ends; what it
 * leaves running in the background goes on.
 * Where it fails, or takes longer than `timeoutMs` and is killed, that is noted and {@link Inconclusive} thrown.
 */
export async function runShellCommand(
  t: ScenarioContext,
  member: string,
  command: string,
  does: Pick<NoteEvent & { kind: 'operator' }, 'action' | 'instance'>,
): Promise<void> {
  t.record({ at: t.now(), kind: 'operator', participant: 'operator', ...does });
  const timeoutMs = t.timeoutMs + 10_000;
  // With piped output it would count as running for as long as what it leaves in the background.
  const child = spawn(command, { shell: true, stdio: 'ignore', detached: true });
  const ended = await new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve(`did not end within ${timeoutMs} ms`), timeoutMs);
    child.on('error', (error) => resolve(`could not be started (${error.message})`));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? '' : `ended with ${signal ?? `exit code ${code}`}`);
    });
  });
  if (ended === '') return;
  if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
  const fault = `the profile's ${member} ${ended}`;
  t.shared.profileFaults.push(fault);
  throw new Inconclusive(fault);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
