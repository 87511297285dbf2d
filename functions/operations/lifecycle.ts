/**
 * What this process is up to. The server sets it, the health endpoint shows it: a load balancer sends
 * requests only to a process that is neither warming up nor draining.
 */
export const lifecycle = { isWarming: false, isDraining: false };
