#!/usr/bin/env node
// A reader such as `head` may have read enough: that is no fault of ours, and nothing more can be said to it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const [command, ...argv] = process.argv.slice(2);
const context = { stdout: process.stdout, stderr: process.stderr, env: process.env };

const usage = `Usage: webrtc-room-signaling <command> [options]

Commands:
  conformance   tests a signaling server against the protocol
  serve         starts the reference server

Each command tells its options with --help.
`;

// Each command loads only what it needs.
if (command === 'conformance') {
  const { runConformance } = await import('../conformance/commands/cli.js');
  process.exitCode = await runConformance(argv, context);
} else if (command === 'serve') {
  const { runServe } = await import('../reference-server/command/serve.js');
  process.exitCode = await runServe(argv, context);
} else if (command === '--help' || command === '-h' || command === 'help') {
  process.stdout.write(usage);
} else {
  process.stderr.write(command === undefined ? usage : `There is no command "${command}".\n\n${usage}`);
  process.exitCode = 2;
}
