/**
 * How often a property is tried: as often as it takes to meet a fault that somebody has just made. The nightly run
 * (.github/workflows/nightly.yml) looks further, by `FUZZ_TIMES`.
 */
export const runs = (usual: number): { readonly numRuns: number } => ({
  numRuns: usual * Number(process.env.FUZZ_TIMES ?? 1),
});
