import { batch, signal } from "@preact/signals";

const TOKEN = "stampede-token";
const GUEST = "stampede-guest";

/** A guest of the shop, with the proof of it. */
export interface Guest {
  readonly user_id: string;
  readonly cart_token: string;
}

/** The reader's own token, kept as long as the tab: never in an address, which gets shared and logged. */
export const bearer = signal<string | undefined>(sessionStorage.getItem(TOKEN) ?? undefined);

/** Whether the shop ended the session by refusing its token, since nobody signed in or out after that. */
export const isTokenRefused = signal(false);

export const signIn = (token: string): void => {
  isTokenRefused.value = false;
  sessionStorage.setItem(TOKEN, token);
  bearer.value = token;
};

export const signOut = (): void => {
  isTokenRefused.value = false;
  sessionStorage.removeItem(TOKEN);
  bearer.value = undefined;
};

/** Signs out if `authorization` was refused, unless the reader has signed in again since it was sent. */
export const endRefusedSession = (authorization: string | null | undefined): void => {
  if (!bearer.value || authorization !== bearerHeader().authorization) return;
  batch(() => {
    signOut();
    isTokenRefused.value = true;
  });
};

/** The user that a token names, unproved: the shop itself verifies it. */
export const subjectOf = (token: string): string | undefined => {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { sub } = JSON.parse(atob(payload));
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
};

export const keptGuest = (): Guest | undefined => {
  try {
    const { user_id, cart_token } = JSON.parse(localStorage.getItem(GUEST) ?? "{}");
    return user_id && cart_token ? { user_id, cart_token } : undefined;
  } catch {
    return undefined;
  }
};

export const keepGuest = ({ user_id, cart_token }: Guest): void =>
  localStorage.setItem(GUEST, JSON.stringify({ user_id, cart_token }));

/** Forgets the guest whose token was refused; one who has taken its place meanwhile stays. */
export const forgetGuest = (cartToken: string): void => {
  if (keptGuest()?.cart_token === cartToken) localStorage.removeItem(GUEST);
};

/** Of an administrator; a shop on one's own machine asks for none. */
const bearerHeader = (): Record<string, string> =>
  bearer.value ? { authorization: `Bearer ${bearer.value}` } : {};

/** Asks in the name of who has signed in, and signs them out if the shop refuses their token. */
export const fetchAsBearer = async (
  path: string,
  { headers, ...init }: Omit<RequestInit, "headers"> & { readonly headers?: Record<string, string> } = {},
): Promise<Response> => {
  const credentials = bearerHeader();
  const response = await fetch(path, { ...init, headers: { ...headers, ...credentials } });
  if (response.status === 401) endRefusedSession(credentials.authorization);
  return response;
};

/** Of the user who has signed in, or of this browser's guest. */
const customerHeader = (): Record<string, string> => {
  const guest = keptGuest();
  return bearer.value || !guest ? bearerHeader() : { "x-cart-token": guest.cart_token };
};

/**
 * Headers that prove who asks, where an operation needs them: the shop answers 401 to an expired token even on a public
 * page, which would keep its reader from the catalogue.
 */
export const credentialsFor = (method: string, path: string): Record<string, string> => {
  if (/^\/(cart|orders)\b/.test(path)) return customerHeader();
  const isPublic = path === "/guests" || (method === "GET" && path.startsWith("/products"));
  return isPublic ? {} : bearerHeader();
};
