import type { Server } from "bun";
import type { Admission } from "../../core/resilience/admission.ts";
import type { Method } from "../routes.ts";

type Answer = (request: Request, server: Server<undefined>) => Response | Promise<Response>;
type ByMethod = Partial<Record<Method | "HEAD", Answer>>;

/** Pages beside the API: their answers by Bun's pattern of the path, then by method. */
export type PageRoutes = Readonly<Record<string, ByMethod>>;

/** The same pages, which leave the event loop its turns, as all answers do. */
export const inTurn = (pages: PageRoutes, admission: Admission): PageRoutes => {
  const paced =
    (answer: Answer): Answer =>
    (request, server) =>
      admission.answer(() => answer(request, server));
  return mapValues(pages, (ofPath) => mapValues(ofPath, paced));
};

const mapValues = <K extends string, V>(
  from: Readonly<Partial<Record<K, V>>>,
  change: (value: V) => V,
): Record<K, V> => {
  const entries = Object.entries<V | undefined>(from).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, change(value)]],
  );
  return Object.fromEntries(entries);
};
