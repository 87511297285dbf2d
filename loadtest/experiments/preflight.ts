import { limitsProblem } from "../harness/limits-layer.ts";
import { type ExperimentName, type Options, UsageError } from "./experiment-options.ts";
import { type Api, ApiError, openApi } from "./lab-api.ts";

/** Those that turn the shop's switches, for which a deployed one asks for its administrator's token. */
const ADMINISTERED: readonly ExperimentName[] = ["cache", "recovery", "hot", "flash"];
/** Those that inject faults, or a latency. */
const FAULTY: readonly ExperimentName[] = ["recovery", "hot"];

/**
 * Makes sure that DynamoDB's limits are set as they can be, before anything is begun.
 *
 * @throws UsageError naming the variable whose value is wrong
 */
export const requireLimits = ({ url }: Pick<Options, "url">): void => {
  const problem = url ? undefined : limitsProblem();
  if (problem) throw new UsageError(problem);
};

/**
 * Makes sure that the shop named by `--url` is there and lets itself be measured, before anything is begun.
 *
 * @throws UsageError saying what it answered instead
 */
export const requireShop = async ({ url, adminToken, names }: Options): Promise<void> => {
  if (!url) return;
  const api = openApi(url, adminToken);
  await requireHealth(url, api);
  if (names.some((name) => ADMINISTERED.includes(name))) await requireAdministration(url, api);
  const faulty = names.filter((name) => FAULTY.includes(name));
  if (faulty.length > 0) await requireFaults(url, api, faulty);
};

const requireHealth = async (url: string, api: Api): Promise<void> => {
  const health = await api.get("/health").catch((error: unknown) => {
    if (error instanceof ApiError)
      throw new UsageError(`The shop at ${url} is not fit to be measured: ${error.message}`);
    if (error instanceof SyntaxError) throw new UsageError(`The server at ${url} is not a Stampede shop`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `No shop answers at ${url} (${reason}): start one with npm start, or leave --url out`,
    );
  });
  if (health?.status !== "healthy") throw new UsageError(`The server at ${url} is not a Stampede shop`);
};

/** By a switch that is turned to nothing: an administrator gets the answer that this is no mode. */
const requireAdministration = async (url: string, api: Api): Promise<void> => {
  const error = await api.put("/cache", {}).catch((error: unknown) => error);
  if (!(error instanceof ApiError)) return;
  if (error.status === 401 || error.status === 403) {
    throw new UsageError(
      `The shop at ${url} does not take the administrator's token (it answered ${error.status}): give it by --admin-token or ` +
        "STAMPEDE_ADMIN_TOKEN",
    );
  }
};

/** Ends a fault, which the experiments would begin with anyway. */
const requireFaults = async (url: string, api: Api, names: readonly ExperimentName[]): Promise<void> => {
  const error = await api
    .post("/resilience/simulate/dynamodb", { enable: false })
    .catch((error: unknown) => error);
  if (!(error instanceof ApiError)) return;
  throw new UsageError(
    error.text.includes("FAULTS_DISABLED")
      ? `Faults are off in the shop at ${url}, and ${names.join(" and ")} can't do without: start it with FAULTS=on`
      : `The shop at ${url} lets no faults be injected: ${error.message}`,
  );
};
