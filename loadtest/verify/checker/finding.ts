/** The kind of violation, as the last line counts it. */
export const KINDS = ["oversold", "lost", "duplicate", "double charges", "stuck", "wrong"] as const;

export type Kind = (typeof KINDS)[number];

/** The key whose history shows a violation. */
export type Subject =
  | { readonly cart: string }
  | { readonly product: number }
  | { readonly orders: readonly string[] };

export interface Violation {
  readonly kind: Kind;
  /** With the ids and numbers that it takes to look into it. */
  readonly message: string;
  readonly subject: Subject;
  /** The calls that contradict what is known, where single ones do. */
  readonly calls?: readonly number[];
}

/** The result of one check. */
export interface Finding {
  readonly check: string;
  readonly examined: number;
  readonly violations: readonly Violation[];
  /** How many could not be decided within the limits of the search. */
  readonly undecided?: number;
  /** Parts that it could not look into, for a person. */
  readonly note?: string;
}
