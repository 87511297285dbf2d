/**
 * Readiness of this process. The server sets it, the health endpoint shows it: a load balancer sends requests
 * only to a process that is ready and not draining. `needsSearch`: a server answers searches as soon as it is
 * healthy; a Lambda function that never searches has no index.
 */
export const lifecycle = { isWarming: false, isDraining: false, needsSearch: false };
