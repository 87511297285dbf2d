import { ENDING, LOG_BUFFER_MB } from "./sizes.ts";

/** A container as ECS gets it, in its words. */
export interface ContainerDefinition extends Record<string, unknown> {
  readonly name: string;
  readonly logConfiguration: { readonly options: Readonly<Record<string, string>> };
}

/**
 * The driver waits for nothing: if CloudWatch is away, a process that waits for its log answers no request. The price
 * is that lines are dropped when the buffer, which is part of the task's memory, is full. Without these options both
 * would depend on the account's setting (ECS Developer Guide, "awslogs" options; `defaultLogDriverMode`).
 */
const LOG_DRIVER = { mode: "non-blocking", "max-buffer-size": `${LOG_BUFFER_MB}m` };

/**
 * Settings that SST has no argument for. A pseudo terminal would break metric lines at its width; nothing
 * needs to be written to disk; only the one port is the shop's.
 */
export const hardened =
  (port: number) =>
  (container: ContainerDefinition): ContainerDefinition => ({
    ...container,
    logConfiguration: {
      ...container.logConfiguration,
      options: { ...container.logConfiguration.options, ...LOG_DRIVER },
    },
    pseudoTerminal: false,
    readonlyRootFilesystem: true,
    user: "1000:1000",
    stopTimeout: ENDING.stopTimeout,
    portMappings: [{ containerPort: port, hostPort: port, protocol: "tcp" }],
  });
