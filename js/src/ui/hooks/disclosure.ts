/** Disclosure of a small box by a button: a press elsewhere closes it, and so does Escape, which gives the focus back. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export type Disclosure = {
  readonly open: boolean;
  toggle(): void;
  /** For the element around button and box. */
  readonly around: RefObject<HTMLDivElement>;
  onKeyDown(event: KeyboardEvent): void;
};

/** `focus`: what within gets the focus when it opens, before the next key comes. */
export function useDisclosure(focus?: string): Disclosure {
  const [open, setOpen] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open) return;
    const close = (event: PointerEvent) => {
      if (!around.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    if (focus) around.current?.querySelector<HTMLElement>(focus)?.focus();
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);
  return {
    open,
    toggle: () => setOpen(!open),
    around,
    onKeyDown: (event) => {
      if (event.key !== "Escape" || !open) return;
      // One Escape closes one thing: a view that has the whole screen keeps it.
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      around.current?.querySelector("button")?.focus();
    },
  };
}
