import { spawn } from 'node:child_process';
import { Inconclusive } from './outcome.js';

/**
 * Runs a shell command that the profile names, and waits until it ends; what it leaves running in the background goes on.
 * Throws {@link Inconclusive} where it fails or takes longer than `timeoutMs`, when it is killed.
 */
export async function runShellCommand(member: string, command: string, timeoutMs: number): Promise<void> {
  // Output that nobody reads would keep waiting for whatever runs on in the background.
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
  throw new Inconclusive(`the profile's ${member} ${ended}`);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
