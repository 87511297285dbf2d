const TIMEOUT_MS = 5_000;

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Body = any;

/** An answer without success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly text: string;

  constructor(call: string, status: number, text: string) {
    super(`${call} answered ${status}: ${text.slice(0, 300)}`);
    this.status = status;
    this.text = text;
  }
}

/** The shop's own switches and counts. Calls reject with an ApiError when it is not answered with success. */
export interface Api {
  readonly get: (path: string) => Promise<Body>;
  readonly put: (path: string, body: object) => Promise<Body>;
  readonly post: (path: string, body?: object) => Promise<Body>;
}

/** @param token of an administrator, where the shop asks for one */
export const openApi = (url: string, token?: string): Api => {
  const call = async (method: string, path: string, body?: object): Promise<Body> => {
    const response = await fetch(url + path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(body && { "content-type": "application/json" }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(`${method} ${path}`, response.status, text);
    return text ? JSON.parse(text) : null;
  };
  return {
    get: (path) => call("GET", path),
    put: (path, body) => call("PUT", path, body),
    post: (path, body) => call("POST", path, body),
  };
};
