/** What tests use of the build. */
import type { BuildOptions } from "esbuild";

export const ENTRIES: Record<string, string>;
export function withShortVariables(texts: string[]): string[];
export function bundleOf(name: string): BuildOptions & { write?: boolean };
