/**
 * Theme of the host, dark or light: JupyterLab, VS Code and marimo each say it in their own way; else the
 * browser's wish counts.
 */
import { type ReadonlySignal, signal } from "@preact/signals";

function hostIsDark(): boolean {
  const { body, documentElement: html } = document;
  // JupyterLab and Notebook 7: data-jp-theme-light="true" | "false" on the body.
  const lab = body.dataset.jpThemeLight ?? html.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false";
  // VS Code: vscode-dark, vscode-high-contrast (dark), vscode-light, vscode-high-contrast-light.
  const code = body.dataset.vscodeThemeKind ?? [...body.classList].find((name) => name.startsWith("vscode-"));
  if (code) return !code.includes("light");
  // marimo and many others: class "dark"; Colab: theme="dark" on <html>.
  if ([body, html].some((element) => element.classList.contains("dark"))) return true;
  if ([body, html].some((element) => element.classList.contains("light"))) return false;
  const theme = html.getAttribute("theme") ?? html.dataset.theme ?? body.dataset.theme;
  if (theme) return theme.includes("dark");
  return typeof matchMedia === "function" && matchMedia("(prefers-color-scheme: dark)").matches;
}

const state = signal(typeof document !== "undefined" && hostIsDark());
export const dark: ReadonlySignal<boolean> = state;

let watchers = 0;
let stop = (): void => {};

/** Follows the host's theme until `signal` aborts; one observer serves every view on the page. */
export function followTheme(signal: AbortSignal): void {
  if (signal.aborted) return;
  if (watchers++ === 0) {
    const update = () => {
      state.value = hostIsDark();
    };
    const observer = new MutationObserver(update);
    const options = {
      attributes: true,
      attributeFilter: ["class", "data-jp-theme-light", "data-vscode-theme-kind", "data-theme", "theme"],
    };
    observer.observe(document.body, options);
    observer.observe(document.documentElement, options);
    const wish = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
    wish?.addEventListener("change", update);
    stop = () => {
      observer.disconnect();
      wish?.removeEventListener("change", update);
    };
    update();
  }
  signal.addEventListener("abort", () => {
    if (--watchers === 0) stop();
  });
}
