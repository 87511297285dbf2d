import { useState } from "preact/hooks";
import { signIn, subjectOf } from "./session.ts";

interface Props {
  /** As the command that prints a token takes them. */
  readonly options: string;
  readonly onSignedIn?: (user: string) => void;
}

/** Takes a token that was made elsewhere: the shop has no passwords. */
export const SignIn = ({ options, onSignedIn }: Props) => {
  const [token, setToken] = useState("");
  const [isWrong, setWrong] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const user = subjectOf(token.trim());
    setWrong(user === undefined);
    if (user === undefined) return;
    signIn(token.trim());
    onSignedIn?.(user);
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      <label>
        Token{" "}
        <input
          type="password"
          autocomplete="off"
          required
          aria-invalid={isWrong}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary">
        Sign in
      </button>
      {isWrong && <p role="alert">This is no token.</p>}
      <p>
        On this machine, <code>npm run -s token -- {options}</code> prints one. It stays in this tab.
      </p>
    </form>
  );
};
