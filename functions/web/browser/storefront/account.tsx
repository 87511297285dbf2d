import { useEffect, useState } from "preact/hooks";
import { FailureNotice } from "../ui/notice.tsx";
import { bearer, signOut, subjectOf } from "../ui/session.ts";
import { Failure } from "../ui/shop.ts";
import { SignIn } from "../ui/sign-in.tsx";
import { readCart } from "./cart.ts";
import { takeCartAlong } from "./customer.ts";

export const AccountPage = () => {
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const user = bearer.value && subjectOf(bearer.value);
  useEffect(() => {
    document.title = "Account · Stampede";
  }, []);

  const welcome = async (name: string): Promise<void> => {
    setFailure(undefined);
    try {
      await takeCartAlong(name);
      await readCart();
    } catch (error) {
      // Signed out already: the shop refused the token, and every page says so.
      if (error instanceof Failure && !bearer.value) return;
      signOut();
      if (!(error instanceof Failure)) throw error;
      setFailure(error);
    }
  };

  return (
    <>
      <h1 class="title">Your account</h1>
      {failure && <FailureNotice failure={failure} />}
      {user ? (
        <>
          <p>
            Signed in as <b>{user}</b>. Cart and orders are yours until this tab is closed.
          </p>
          <button type="button" class="button" onClick={signOut}>
            Sign out
          </button>
        </>
      ) : (
        <>
          <p>You are a guest: cart, checkout and orders work without an account.</p>
          <SignIn options="--user alice" onSignedIn={(name) => void welcome(name)} />
        </>
      )}
    </>
  );
};
