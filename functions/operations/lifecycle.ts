/** Whether this process takes new work. The server turns it at SIGTERM; the health endpoint shows it. */
export const lifecycle = { isDraining: false };
