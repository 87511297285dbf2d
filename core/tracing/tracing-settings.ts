export interface TracingSettings {
  readonly isOn: boolean;
  /** Of the traces that nobody has decided about, from 0 to 1. */
  readonly ratio: number;
  /** Whether a caller may decide that its trace is kept, or not. */
  readonly trustsCallers: boolean;
  /** Of a collector, by OTLP over HTTP, without the path: `http://127.0.0.1:4318`. Absent: traces are kept in this process alone. */
  readonly endpoint: URL | undefined;
  /** Whether the last traces are kept in this process, for the console. */
  readonly isKept: boolean;
}
