import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { type Instruction, parseDockerfile } from "./dockerfile.ts";
import { dockerignore } from "./dockerignore.ts";

/** A file system, with what a container engine notes beside it. */
export interface Image {
  /** The folder that stands for `/`. */
  readonly root: string;
  /** The image it was made from in the end. */
  base: string;
  workdir: string;
  environment: Readonly<Record<string, string>>;
  entrypoint: readonly string[];
  healthcheck: readonly string[];
  user: string;
  stopSignal: string;
}

/**
 * Builds the image that a Dockerfile describes, without a container engine: each stage is a folder, what is
 * copied comes from the context as .dockerignore leaves it, and commands are really run.
 *
 * @throws Error at what the Dockerfile has and this does not know
 */
export const buildImage = (context: string): Image => {
  const isIgnored = dockerignore(readFileSync(join(context, ".dockerignore"), "utf8"));
  const stages = new Map<string, Image>();
  let image = emptyImage("scratch");
  for (const step of parseDockerfile(readFileSync(join(context, "Dockerfile"), "utf8"))) {
    if (step.name === "FROM") {
      image = startStage(step.image);
      if (step.stage) stages.set(step.stage, image);
    } else if (step.name === "COPY") {
      const stage = step.from === undefined ? undefined : stages.get(step.from);
      if (step.from && !stage) throw new Error(`COPY --from an unknown stage: ${step.from}`);
      const from = stage?.root ?? context;
      const takes = (path: string): boolean => stage !== undefined || !isIgnored(relative(context, path));
      for (const source of step.sources) copyInto(image, join(from, source), step.target, takes);
    } else apply(image, step);
  }
  return image;
};

const emptyImage = (base: string): Image => {
  const root = mkdtempSync(join(tmpdir(), "stampede-image-"));
  endWithTests(() => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o755); // A new temporary folder keeps others out, and the server is another user.
  return {
    root,
    base,
    workdir: "/",
    environment: {},
    entrypoint: [],
    healthcheck: [],
    user: "root",
    stopSignal: "SIGTERM",
  };
};

const startStage = (name: string): Image => {
  const image = emptyImage(name);
  // The base image as far as it matters here: Bun on the PATH, which keeps no compiled code.
  const bin = join(image.root, "usr/local/bin");
  mkdirSync(bin, { recursive: true });
  copyFileSync(process.execPath, join(bin, "bun"));
  chmodSync(join(bin, "bun"), 0o755);
  image.environment = { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
  return image;
};

const inImage = ({ root, workdir }: Image, path: string): string =>
  path.startsWith("/") ? join(root, path) : join(root, workdir, path);

const copyInto = (image: Image, source: string, target: string, takes: (path: string) => boolean): void => {
  const isFolder = target.endsWith("/");
  const to = isFolder ? join(inImage(image, target), basename(source)) : inImage(image, target);
  cpSync(source, to, { recursive: true, verbatimSymlinks: true, filter: takes });
};

const apply = (image: Image, step: Exclude<Instruction, { name: "FROM" | "COPY" }>): void => {
  switch (step.name) {
    case "RUN": {
      const PATH = `${inImage(image, "/usr/local/bin")}:${process.env.PATH}`;
      const env = { ...process.env, ...image.environment, PATH };
      const stdio: "pipe"[] = ["pipe", "pipe", "pipe"];
      execFileSync("/bin/sh", ["-c", step.command], { cwd: inImage(image, "."), env, stdio });
      break;
    }
    case "WORKDIR":
      image.workdir = step.value;
      mkdirSync(inImage(image, "."), { recursive: true });
      break;
    case "ENV":
      image.environment = { ...image.environment, ...step.variables };
      break;
    case "USER":
      image.user = step.value;
      break;
    case "STOPSIGNAL":
      image.stopSignal = step.value;
      break;
    case "HEALTHCHECK":
      image.healthcheck = step.command;
      break;
    case "ENTRYPOINT":
      image.entrypoint = step.command;
  }
};
