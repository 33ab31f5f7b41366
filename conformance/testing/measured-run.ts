import { runConformance } from '../commands/cli.js';

// Runs the command and says, in one last line, how it ended and how much memory it had at its peak.
const { stdout, stderr, env } = process;
const exitCode = await runConformance(process.argv.slice(2), { stdout, stderr, env });
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
stdout.write(`\n${JSON.stringify({ exitCode, megabytes })}\n`, () => process.exit());
