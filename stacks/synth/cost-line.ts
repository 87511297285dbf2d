export interface CostLine {
  readonly what: string;
  readonly assumption: string;
  /** US dollars. */
  readonly month: number;
}
