import { bearer, forgetGuest, keepGuest, keptGuest, subjectOf } from "../ui/session.ts";
import { answerOf, Failure, shop } from "../ui/shop.ts";

/** The one whose cart and orders are shown. */
interface Customer {
  readonly userId: string;
  /** Of a guest. */
  readonly cartToken?: string;
}

/** The user who has signed in, or the guest of this browser, if there is one yet. */
const knownCustomer = (): Customer | undefined => {
  const user = bearer.value && subjectOf(bearer.value);
  if (user) return { userId: user };
  const guest = keptGuest();
  return guest && { userId: guest.user_id, cartToken: guest.cart_token };
};

/** The request that is in flight, so that two parts of the page do not become two guests. */
let becoming: Promise<Customer> | undefined;

const becomeGuest = (): Promise<Customer> => {
  becoming ??= answerOf(shop.POST("/guests"))
    .then((guest) => {
      keepGuest(guest);
      return { userId: guest.user_id, cartToken: guest.cart_token };
    })
    .finally(() => {
      becoming = undefined;
    });
  return becoming;
};

const currentCustomer = async (): Promise<Customer> => knownCustomer() ?? becomeGuest();

/** Asks on the customer's behalf. A guest whose token has expired becomes another one. */
export const asCustomer = async <T>(ask: (userId: string) => Promise<T>): Promise<T> => {
  const { userId, cartToken } = await currentCustomer();
  try {
    return await ask(userId);
  } catch (error) {
    if (!cartToken || !(error instanceof Failure) || error.code !== "UNAUTHENTICATED") throw error;
    forgetGuest(cartToken);
    return ask((await currentCustomer()).userId);
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
    // A guest whose token has expired has no cart any more.
    if (!(error instanceof Failure) || error.code !== "VALIDATION_FAILED") throw error;
  }
  forgetGuest(guest.cart_token);
};
