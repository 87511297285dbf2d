export interface TracingSettings {
  readonly isOn: boolean;
  /** The name of the service on its spans. */
  readonly service: string;
  /** Of the traces that begin here, from 0 to 1. One that somebody else has begun is kept or not as they say. */
  readonly ratio: number;
  /** Of a collector, by OTLP over HTTP, without the path: `http://127.0.0.1:4318`. Absent: traces are kept in this process alone. */
  readonly endpoint: URL | undefined;
  /** Whether the last traces are kept in this process, for the console. */
  readonly isKept: boolean;
}
