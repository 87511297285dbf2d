import { signal } from "@preact/signals";

const TOKEN = "stampede-token";
const GUEST = "stampede-guest";

/** A guest of the shop, with the proof of it. */
export interface Guest {
  readonly user_id: string;
  readonly cart_token: string;
}

/** The reader's own token, kept as long as the tab: never in an address, which gets shared and logged. */
export const bearer = signal<string | undefined>(sessionStorage.getItem(TOKEN) ?? undefined);

export const signIn = (token: string): void => {
  sessionStorage.setItem(TOKEN, token);
  bearer.value = token;
};

export const signOut = (): void => {
  sessionStorage.removeItem(TOKEN);
  bearer.value = undefined;
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

export const forgetGuest = (): void => localStorage.removeItem(GUEST);

/** Headers that prove who asks; a shop on one's own machine asks for none. */
export const credentials = (): Record<string, string> => {
  const guest = keptGuest();
  if (bearer.value) return { authorization: `Bearer ${bearer.value}` };
  return guest ? { "x-cart-token": guest.cart_token } : {};
};
