import { signal } from "@preact/signals";

type Theme = "light" | "dark";

const KEY = "stampede-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

const chosen = (): Theme | undefined => {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : undefined;
};

const present = (): Theme => chosen() ?? (system.matches ? "dark" : "light");

/** The theme on show: the reader's choice, else the system's. */
export const theme = signal<Theme>(present());

const show = (): void => {
  const choice = chosen();
  if (choice) document.documentElement.dataset.theme = choice;
  theme.value = present();
};

system.addEventListener("change", show);
show();

export const toggleTheme = (): void => {
  localStorage.setItem(KEY, theme.value === "dark" ? "light" : "dark");
  show();
};
