/** The mark: three arrows on the run. */
export const Brand = () => (
  <>
    <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true" class="mark">
      <rect width="32" height="32" rx="8" />
      <path d="M6 9l6 7-6 7M13 9l6 7-6 7M20 9l6 7-6 7" />
    </svg>
    Stampede
  </>
);
