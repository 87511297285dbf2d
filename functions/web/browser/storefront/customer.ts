import { bearer, forgetGuest, keepGuest, keptGuest, subjectOf } from "../ui/session.ts";
import { answerOf, Failure, shop } from "../ui/shop.ts";

/** The request that is under way, so that two parts of the page do not become two guests. */
let becoming: Promise<string> | undefined;

const becomeGuest = async (): Promise<string> => {
  const guest = await answerOf(shop.POST("/guests"));
  keepGuest(guest);
  return guest.user_id;
};

/** The one whose cart and orders are shown: the user who has signed in, or the guest of this browser. */
const customerId = async (): Promise<string> => {
  const user = bearer.value && subjectOf(bearer.value);
  if (user) return user;
  const kept = keptGuest();
  if (kept) return kept.user_id;
  becoming ??= becomeGuest().finally(() => {
    becoming = undefined;
  });
  return becoming;
};

/** Asks on the customer's behalf. A guest whose token has run out becomes another one. */
export const asCustomer = async <T>(ask: (userId: string) => Promise<T>): Promise<T> => {
  try {
    return await ask(await customerId());
  } catch (error) {
    if (bearer.value || !(error instanceof Failure) || error.code !== "UNAUTHENTICATED") throw error;
    forgetGuest();
    return ask(await customerId());
  }
};

/** Moves the guest's cart into that of the user who has just signed in. */
export const takeCartAlong = async (userId: string): Promise<void> => {
  const guest = keptGuest();
  if (!guest) return;
  const params = { path: { userId }, header: { "X-Cart-Token": guest.cart_token } };
  try {
    await answerOf(shop.POST("/cart/{userId}/merge", { params }));
  } catch (error) {
    // A guest whose token has run out has no cart any more.
    if (!(error instanceof Failure) || error.code !== "VALIDATION_FAILED") throw error;
  }
  forgetGuest();
};
