/** How long a benchmark runs. */
export interface BenchOptions {
  /** Counted rounds; a warm-up round comes before them. */
  rounds: number;
  /** Milliseconds each contender runs in each round. */
  milliseconds: number;
}

/** What a benchmark found: the rows are what `--json` prints, the columns say what the table shows. */
export interface Table {
  title: string;
  columns: string[];
  rows: Record<string, string | number>[];
}

/** One benchmark that `npm run bench -- <name>` can run. */
export type Bench = (options: BenchOptions) => Promise<Table>;
