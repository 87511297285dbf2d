/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app({ stage }) {
    const isProduction = stage === "production";
    return {
      name: "stampede",
      home: "aws",
      removal: isProduction ? "retain" : "remove",
      protect: isProduction,
      providers: { aws: { defaultTags: { tags: { project: "stampede", stage: stage ?? "" } } } },
    };
  },

  async run() {
    // Reads the settings first, so that a wrong one is reported before anything is created.
    await import("./stacks/stage.ts");
    // Before any role is created.
    await import("./stacks/permissions-boundary.ts");
    await import("./stacks/storage.ts");
    await import("./stacks/cache.ts");
    const { url } = await import("./stacks/api.ts");
    await import("./stacks/fulfilment.ts");
    await import("./stacks/canary.ts");
    await import("./stacks/monitoring.ts");
    const { outputs } = await import("./stacks/outputs.ts");
    return { url, ...outputs };
  },
});
