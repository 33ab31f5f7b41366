/** How a benchmark is to run; what is absent is up to the benchmark. */
export interface BenchOptions {
  /** Counted rounds; a warm-up round comes before them. */
  rounds?: number | undefined;
  /** Milliseconds each contender runs in each round. */
  milliseconds?: number | undefined;
  /** Fewer and shorter rounds, for a look rather than a result. */
  quick: boolean;
  /** Parts to run, of a benchmark that has some; none means all. */
  only: readonly string[];
  /** Idle connections whose memory is measured. */
  connections?: number | undefined;
  /** Folder for CPU profiles of the reference server's processes. */
  profile?: string | undefined;
}

/** What a benchmark found: the rows are what `--json` prints, the columns say what the table shows. */
export interface Table {
  title: string;
  columns: string[];
  rows: Record<string, string | number>[];
  /** What one has to know to read it. */
  notes?: string[];
}

/** One benchmark that `npm run bench -- <name>` can run. */
export type Bench = (options: BenchOptions) => Promise<Table[]>;
