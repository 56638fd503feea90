/** Button that gives a view the whole screen, or the whole window where the host allows no more. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import "./screen.css";

export function FullScreen() {
  const button = useRef<HTMLButtonElement>(null);
  const [full, setFull] = useState(false);
  const rootOf = () => button.current!.closest<HTMLElement>(".nw-root")!;
  useLayoutEffect(() => {
    const root = rootOf();
    const life = new AbortController();
    const page = root.getRootNode() as Document;
    const listen = (to: EventTarget, kind: string, then: (event: Event) => void) =>
      to.addEventListener(kind, then, life);
    listen(document, "fullscreenchange", () => setFull(page.fullscreenElement === root));
    listen(
      root,
      "keydown",
      (event) => (event as KeyboardEvent).key === "Escape" && !event.defaultPrevented && setFull(false),
    );
    return () => life.abort();
  }, []);
  useLayoutEffect(() => void rootOf().classList.toggle("nw-full", full), [full]);
  const toggle = async () => {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (!full)
      await rootOf()
        .requestFullscreen?.()
        .catch(() => {});
    setFull(!full);
  };
  return (
    <button
      ref={button}
      type="button"
      class="nw-full-button"
      data-nw="full-screen"
      aria-pressed={full}
      aria-label="Full screen"
      title="Full screen; Escape leaves it"
      onClick={toggle}
    >
      <svg viewBox="0 0 16 16" width="14" aria-hidden="true">
        <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" fill="none" stroke="currentColor" />
      </svg>
    </button>
  );
}
