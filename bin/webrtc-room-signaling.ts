#!/usr/bin/env node
import { runProgram } from './program.js';

// A reader such as `head` may have read enough: that is no fault of ours, and nothing more can be said to it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const { stdout, stderr, env } = process;
process.exitCode = await runProgram(process.argv.slice(2), { stdout, stderr, env });
