import { runtime } from "@pulumi/pulumi";
import type { SynthesizedResource } from "../synthesis.ts";

/** The part of Pulumi's engine protocol that a registration is read from. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
}

type Callback = (error: unknown, response?: { getUrn(): string }) => void;

interface Outputs {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> };
}

interface Monitor {
  registerResource(request: Registration, callback: Callback): void;
  registerResourceOutputs(request: Outputs, callback: (error: unknown) => void): void;
}

/**
 * Notes every registration that reaches the engine: with its final inputs and options, whatever component
 * it comes from.
 *
 * @param stackOf the stack file being evaluated when a resource without a parent is constructed
 */
export const recordRequests = (stackOf: () => string | undefined): SynthesizedResource[] => {
  const recorded: SynthesizedResource[] = [];
  const stackByName = new Map<string, string | undefined>();
  // Transformations run in the constructor, so within the file that calls it; registrations come later.
  runtime.registerStackTransformation(({ type, name, opts }) => {
    if (!opts.parent) stackByName.set(`${type} ${name}`, stackOf());
    return undefined;
  });
  const monitor = runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response) recorded.push(resourceOf(request, response.getUrn(), stackByName));
      callback(error, response);
    });
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    const resource = recorded.find(({ urn }) => urn === request.getUrn());
    if (resource) resource.outputs = revealed(request.getOutputs().toJavaScript()) as Record<string, unknown>;
    registerOutputs(request, callback);
  };
  return recorded;
};

/** How Pulumi marks a value as secret on the wire: the mark's key and value, and the value itself beside it. */
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Nothing is secret here: the values are made up. */
const revealed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[MARK] === SECRET) return revealed(object.value);
  return Object.fromEntries(Object.entries(object).map(([key, part]) => [key, revealed(part)]));
};

const resourceOf = (
  request: Registration,
  urn: string,
  stacks: Map<string, string | undefined>,
): SynthesizedResource => ({
  urn,
  type: request.getType(),
  name: request.getName(),
  parent: request.getParent(),
  isCustom: request.getCustom(),
  stack: stacks.get(`${request.getType()} ${request.getName()}`),
  protect: request.getProtect(),
  retainOnDelete: request.getRetainondelete(),
  ignoreChanges: request.getIgnorechangesList(),
  inputs: revealed(request.getObject().toJavaScript()) as Record<string, unknown>,
});
