/** Durations in milliseconds. The reasons are in docs/resilience.md. */
export const LIMITER_SETTINGS = {
  initial: 4_096,
  /** Enough for the callers of a dependency that hangs until its timeout: that is no overload of this process. */
  min: 128,
  max: 16_384,
  /** Latencies are averaged, and the limit moved, once in so long. */
  window: 250,
  /** How many times slower than at its best a route may get before the limit comes down. */
  tolerance: 2,
  /** Share by which the best latency known is forgotten each window: what was normal may change. */
  forgetting: 0.001,
  /**
   * Event-loop delay without which rising latency is no overload of this process, but the slowness of
   * something it waits for; and the delay that is overload whatever the latencies say.
   */
  minLoopDelay: 25,
  maxLoopDelay: 100,
  growth: 1.1,
} as const;

/** Up to this share of the limit no kind is ever refused. */
export const CALM_SHARE = 0.5;

const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

/** Settings that let every request in. */
export const NO_LIMIT = {
  ...LIMITER_SETTINGS,
  initial: ANY_NUMBER,
  min: ANY_NUMBER,
  max: ANY_NUMBER,
};

/** A kind of requests that is as important as its shares of the limit say. Shares are from 0 to 1. */
export interface Kind {
  readonly name: string;
  /** Up to which share of the limit, filled by all kinds, one of this kind is let in: the less important, the less. */
  readonly share: number;
  /** The share it may fill itself, whatever the others do: so that none is locked out by requests that are stuck. */
  readonly guaranteed: number;
}

/** Requests of one route in the current window, and the best average it had. */
interface RouteLatency {
  total: number;
  count: number;
  best: number;
}

export type Limiter = ReturnType<typeof openLimiter>;

/**
 * Limits the requests in flight to what the process can take, and finds that number by itself: while
 * latencies are near the best they have been, the limit grows; when they rise and the event loop lags, it
 * comes down in proportion. Routes are compared with themselves, so that a change of the mix is no overload.
 *
 * After the gradient limiters of Netflix's concurrency-limits, which adapt the idea of TCP Vegas
 * (L. Brakmo, L. Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet", 1995): queueing
 * shows as latency above the least that was seen.
 */
export const openLimiter = (
  now: () => number = () => performance.now(),
  settings: Readonly<Record<keyof typeof LIMITER_SETTINGS, number>> = LIMITER_SETTINGS,
) => {
  const routes = new Map<string, RouteLatency>();
  const inFlightOf = new Map<string, number>();
  let limit = settings.initial;
  let inFlight = 0;
  let peak = 0;
  let loopDelay = 0;
  let windowEnds = now() + settings.window;

  /** How much slower than at its best the process is, over all routes by their requests. */
  const slowdown = (): number => {
    let [weighted, requests] = [0, 0];
    for (const latency of routes.values()) {
      if (latency.count === 0) continue;
      const mean = latency.total / latency.count;
      latency.best = Math.min(mean, latency.best * (1 + settings.forgetting));
      weighted += (mean / latency.best) * latency.count;
      requests += latency.count;
      latency.total = 0;
      latency.count = 0;
    }
    return requests === 0 ? 1 : weighted / requests;
  };

  const adapt = (): void => {
    const slow = slowdown();
    const isOverloaded =
      loopDelay > settings.maxLoopDelay || (loopDelay > settings.minLoopDelay && slow > settings.tolerance);
    // From what was really in flight: a limit far above it would take its time to matter.
    if (isOverloaded && peak > settings.min) {
      const gradient = Math.max(0.5, Math.min(0.8, settings.tolerance / slow));
      limit = Math.max(settings.min, Math.min(limit, peak) * gradient);
    } else if (!isOverloaded && peak >= limit * CALM_SHARE) {
      // A limit that nobody comes near says nothing: it grows only when it is used.
      limit = Math.min(settings.max, limit * settings.growth);
    }
    peak = inFlight;
  };

  /** Whether a request of this kind would be admitted now. */
  const hasRoom = ({ name, share, guaranteed }: Kind): boolean =>
    inFlight < limit * share || (inFlightOf.get(name) ?? 0) < limit * guaranteed;

  return {
    /** Whether there is room for every kind. */
    isCalm: (): boolean => inFlight < limit * CALM_SHARE,
    hasRoom,
    /** Whether a request may begin; each admitted one is to be released. */
    admit(kind: Kind): boolean {
      if (!hasRoom(kind)) return false;
      inFlightOf.set(kind.name, (inFlightOf.get(kind.name) ?? 0) + 1);
      inFlight += 1;
      if (inFlight > peak) peak = inFlight;
      return true;
    },
    /** @param ms how long the request took; undefined when that says nothing, as after a failure */
    release(kind: Kind, route: string, ms: number | undefined): void {
      inFlightOf.set(kind.name, (inFlightOf.get(kind.name) ?? 1) - 1);
      inFlight -= 1;
      if (ms !== undefined) {
        let latency = routes.get(route);
        if (!latency) routes.set(route, (latency = { total: 0, count: 0, best: Number.POSITIVE_INFINITY }));
        latency.total += ms;
        latency.count += 1;
      }
      if (now() < windowEnds) return;
      windowEnds = now() + settings.window;
      adapt();
    },
    /** Tells how late the event loop is, in milliseconds. */
    noteLoopDelay(ms: number): void {
      loopDelay = ms;
    },
    stats: () => ({ limit: Math.round(limit), in_flight: inFlight, loop_delay_ms: Math.round(loopDelay) }),
  };
};
