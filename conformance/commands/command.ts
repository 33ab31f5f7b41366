import type { Command } from 'commander';

/** What a command may touch of the process it runs in. */
export interface CommandContext {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
  /** Where a command leaves its exit code; 0 where it leaves none. */
  exitCode?: number;
}

/** A sub-command: how it is called, and what it does in a context. Its action rejects with UsageError or UnreachableError. */
export type SubCommand = (context: CommandContext) => Command;
