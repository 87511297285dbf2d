import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

interface Call {
  readonly method: string;
  readonly params: readonly [Record<string, string>];
}

/** Stands in for the server by which SST's components ask their CLI for what only the CLI does. */
export const startCliServer = async (work: string) => {
  const answers: Record<string, (input: Record<string, string>) => unknown> = {
    "Provider.Aws.Bootstrap": () => ({
      asset: "sst-asset-bucket",
      assetEcrRegistryId: "123456789012",
      assetEcrUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/sst-asset",
      state: "sst-state-bucket",
    }),
    "Provider.Aws.Appsync": () => ({ http: "appsync-http", realtime: "appsync-realtime" }),
    "Runtime.AddTarget": () => ({}),
    // The bundle itself is of no interest here: `npm run build` makes it.
    "Runtime.Build": ({ functionID = "", handler = "" }) => {
      const out = join(work, "bundles", functionID);
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, "index.mjs"), "");
      return { handler, out, errors: [], sourcemaps: [] };
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, params } = JSON.parse(Buffer.concat(chunks).toString()) as Call;
    const answer = answers[method];
    response.end(
      JSON.stringify(answer ? { result: answer(params[0]) } : { error: `rpc: can't find method ${method}` }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
