/** `npm run -s token -- --user U [--admin] [--ttl SECONDS]`: prints a token that the shop on this machine takes. */
import { parseArgs } from "node:util";
import { GUEST_PREFIX } from "../../core/access/identity.ts";
import { userIdSchema } from "../../core/cart/user-id.ts";
import { readConfig } from "../../core/config/config.ts";
import { openLocalIssuer } from "./local-issuer.ts";

const USAGE = `npm run -s token -- --user U [--admin] [--ttl SECONDS]

Prints a token that the shop takes which npm start opens with AUTH=jwt on the same DATA_DIR, and nothing else:

  curl -H "Authorization: Bearer $(npm run -s token -- --user alice)" localhost:8080/cart/alice

  --user U        the user
  --admin         an administrator
  --ttl SECONDS   how long it is valid (3600)
`;

const MAX_TTL_SECONDS = 31_536_000;

const fail = (message: string): never => {
  process.stderr.write(`${message}\n\n${USAGE}`);
  process.exit(2);
};

const readOptions = () => {
  try {
    return parseArgs({
      options: {
        user: { type: "string", default: "" },
        admin: { type: "boolean", default: false },
        ttl: { type: "string", default: "3600" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail((error as Error).message);
  }
};

const { user, admin, ttl, help } = readOptions();
if (help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const name = userIdSchema.safeParse(user);
if (!name.success) fail(`--user: ${name.error.issues[0]?.message}`);
if (user.startsWith(GUEST_PREFIX)) {
  fail(
    `--user must not begin with ${GUEST_PREFIX}: the shop rejects such a token; POST /guests makes a guest's`,
  );
}
const ttlSeconds = Number(ttl);
if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) {
  fail(`--ttl must be seconds, 1 to ${MAX_TTL_SECONDS}`);
}
const { access, dataDir } = readConfig();
const { issuer, audience } = access;
const { tokenFor } = await openLocalIssuer(dataDir);
process.stdout.write(`${await tokenFor({ user, isAdmin: admin, issuer, audience, ttlSeconds })}\n`);
