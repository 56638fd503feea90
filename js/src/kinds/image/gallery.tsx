/** Pictures to begin with. Arrow keys go from one to the next, and each is looked at at once. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { isLive, type Session } from "../../session/session.ts";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { GalleryItem } from "../../wire/inputs.ts";
import type { ImageInfo } from "./input.ts";

export function Gallery({ session }: { session: Session }) {
  const count = (session.catalog.value.input as ImageInfo | undefined)?.gallery ?? 0;
  const [picked, setPicked] = useState(-1);
  useEffect(() => {
    if (count > 0) session.askGallery();
  }, [session, count]);
  const items = session.gallery.value;
  const pick = (i: number) => {
    setPicked(i);
    session.pick(i);
  };
  if (count === 0) return null;
  return (
    <div
      class="nw-gallery"
      data-nw="gallery"
      role="listbox"
      aria-label="Pictures to begin with"
      onKeyDown={moveFocus}
    >
      {items.length === 0 && (
        <span class="nw-soft">
          {isLive(session)
            ? `${count} pictures are on their way…`
            : `${count} pictures to begin with, once it is live`}
        </span>
      )}
      {items.map((item, i) => (
        <button
          key={i}
          type="button"
          role="option"
          data-index={i}
          tabIndex={i === Math.max(0, picked) ? 0 : -1}
          aria-selected={i === picked}
          aria-label={`Picture ${i}: ${item.label}`}
          title={item.label}
          disabled={!isLive(session)}
          // By keys the selection follows the focus; a click comes by itself.
          onFocus={(event) => i !== picked && event.currentTarget.matches(":focus-visible") && pick(i)}
          onClick={() => pick(i)}
        >
          <Thumb item={item} />
          {item.label}
        </button>
      ))}
    </div>
  );
}

function Thumb({ item }: { item: GalleryItem }) {
  const rgba = useMemo(() => ofRgb(item.rgb), [item]);
  return <Pixels rgba={rgba} width={item.width} height={item.height} class="nw-thumb" />;
}
