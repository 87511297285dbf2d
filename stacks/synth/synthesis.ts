/** The stage to synthesize. */
export interface SynthesisRequest {
  readonly stage: string;
  /** As under `sst dev`. */
  readonly dev: boolean;
  /** Whether the network and Redis are another stage's. */
  readonly isSharing?: boolean;
  /** Settings kept with the stage, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A resource as the engine would be asked to create it. */
export interface SynthesizedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN of the component it belongs to, or of the root. */
  readonly parent: string;
  /** Whether it is a resource of a provider, not a component that only groups others. */
  readonly isCustom: boolean;
  /** File in `stacks/` that creates it, without the extension. */
  readonly stack: string | undefined;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Inputs that an update of the resource leaves as they are. */
  readonly ignoreChanges: readonly string[];
  readonly inputs: Readonly<Record<string, unknown>>;
  /** A component's message to SST's command, such as how it is run in `sst dev`. */
  outputs?: Readonly<Record<string, unknown>>;
}

export interface Synthesis {
  /** The answer of `app()` of sst.config.ts. */
  readonly app: {
    readonly name: string;
    readonly removal?: string;
    readonly protect?: boolean;
    readonly providers?: Readonly<Record<string, unknown>>;
  };
  readonly resources: readonly SynthesizedResource[];
}
