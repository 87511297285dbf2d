import { theme, toggleTheme } from "./theme.ts";

const SUN = "M12 4V2m0 20v-2m8-8h2M2 12h2m13.7-5.7 1.4-1.4M4.9 19.1l1.4-1.4m11.4 0 1.4 1.4M4.9 4.9l1.4 1.4";
const MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z";

export const ThemeToggle = () => {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <button type="button" class="icon-button" onClick={toggleTheme} aria-label={`Use the ${other} theme`}>
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="line-icon">
        {other === "light" ? (
          <>
            <circle cx="12" cy="12" r="4" />
            <path d={SUN} />
          </>
        ) : (
          <path d={MOON} />
        )}
      </svg>
    </button>
  );
};
