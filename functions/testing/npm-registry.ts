import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface Published {
  readonly manifest: Manifest;
  readonly tarball: Buffer;
  readonly integrity: string;
}

/** A stand-in for the npm registry on loopback, with only what is published to it. */
export const startNpmRegistry = async () => {
  const packages = new Map<string, Published>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url?.slice(1) ?? "").replace(/\/-\/package\.tgz$/, "");
    const found = packages.get(name);
    if (!found) {
      asked.push(name);
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Not found"}');
    } else if (request.url?.endsWith(".tgz")) {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(found.tarball);
    } else {
      asked.push(name);
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(document(found, url)));
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    /** The names of the packages that npm looked up. */
    asked,
    /** Publishes the package in a folder; resolves to its lock file entry. */
    publish: (folder: string) => {
      const published = pack(folder);
      packages.set(published.manifest.name, published);
      return { ...published.manifest, integrity: published.integrity };
    },
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
};

const pack = (folder: string): Published => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { stdout: tarball } = spawnSync("tar", ["-czf", "-", "-C", dirname(folder), basename(folder)], {
    maxBuffer: 100_000_000,
  });
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  return { manifest, tarball, integrity };
};

/**
 * A registry's document of a package:
 * https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
 */
const document = ({ manifest, integrity }: Published, registry: string) => ({
  name: manifest.name,
  "dist-tags": { latest: manifest.version },
  versions: {
    [manifest.version]: {
      ...manifest,
      dist: { integrity, tarball: `${registry}/${manifest.name}/-/package.tgz` },
    },
  },
});
