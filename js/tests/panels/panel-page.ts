/** An Explorer that a test of panels shows over a fake kernel: its parts by their names, clicks, and time that passes. */
import { act } from "preact/test-utils";
import { vi } from "vitest";
import type { InputKernel } from "../../fakes/input-kernel.ts";
import type { TextKernel } from "../../fakes/text-kernel.ts";
import explorer from "../../src/entries/explorer.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });

/** What was shown last: the kernel, and the element of its view. */
export let host: TextKernel | InputKernel;
export let el: HTMLElement;

export function show(kernel: TextKernel | InputKernel, widget = explorer()): void {
  host = kernel;
  el = life.show(widget, host);
  rest();
}

/** Time passes in small steps, as it does where something waits for something. */
export function rest(ms = 400): void {
  for (let i = 0; i < ms / 50; i++) act(() => void vi.advanceTimersByTime(50));
}

export const find = <E extends HTMLElement>(name: string): E => el.querySelector<E>(`[data-nw=${name}]`)!;
export const click = (name: string): void => void act(() => find(name).click());
