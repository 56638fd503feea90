import type { ReadonlySignal } from "@preact/signals";

/** Is the host dark? One signal for the page; `.nw-root.nw-dark` follows it. */
export declare const dark: ReadonlySignal<boolean>;
