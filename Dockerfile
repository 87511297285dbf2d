# The version of Bun that package.json develops and tests with. A tag can be moved; to pin the bytes as well:
#   docker buildx imagetools inspect oven/bun:1.4.5-slim
# and append the digest it prints, below as well: oven/bun:1.4.5-slim@sha256:…
#
# Packages are got on the machine that builds, whatever it builds for: none of them is made for one kind of processor, and
# an x86 machine would otherwise emulate an arm64 one for it.
FROM --platform=$BUILDPLATFORM oven/bun:1.4.5-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Bun reads npm's lock file: the same versions, each checked against its hash; it fails if package.json has moved on.
# Peers that production needs are dependencies anyway; optional ones would come along because a developer's tool has them.
RUN bun install --frozen-lockfile --production --omit=optional --omit=peer --ignore-scripts

FROM oven/bun:1.4.5-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY core ./core
COPY functions ./functions
# Everything above belongs to root: the server can read it and write nothing, and needs no file system to write to.
USER bun
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
  CMD ["bun", "-e", "process.exit((await fetch(`http://127.0.0.1:${process.env.PORT}/health`)).ok ? 0 : 1)"]
# No shell in between: Bun is process 1, installs handlers for SIGTERM and SIGINT, and drains when told to stop.
ENTRYPOINT ["bun", "functions/main.ts"]
