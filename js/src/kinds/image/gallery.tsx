/** Pictures to begin with. Arrow keys go from one to the next, and each is looked at at once. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { isLive, type Session } from "../../session/session.ts";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { moveFocus } from "../../ui/roving-focus.ts";
import { type GalleryItem, type Input, isPicture, type Picture, same } from "../../wire/inputs.ts";
import type { ImageInfo } from "./input.ts";

export function Gallery({ session }: { session: Session }) {
  const count = (session.catalog.value.input as ImageInfo | undefined)?.gallery ?? 0;
  useEffect(() => {
    if (count > 0) session.askGallery();
  }, [session, count]);
  const items = session.gallery.value;
  const [picked, pick] = usePicked(session, items);
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

type Picked = { at: number; over: Input; came: Input | null };

/** The picture that is the input now, −1 for none of them; and what makes another one the input. */
function usePicked(session: Session, items: readonly GalleryItem[]): [number, (at: number) => void] {
  const input = session.input.value;
  const [last, setLast] = useState<Picked | null>(null);
  useEffect(() => {
    setLast((it) => (it && !it.came && it.over !== input ? { ...it, came: input } : it));
  }, [input]);
  const found = useMemo(() => items.findIndex((item) => isItem(item, input)), [items, input]);
  const pick = (at: number) => {
    setLast({ at, over: input, came: null });
    session.pick(at);
  };
  if (last && !last.came && last.over === input) return [last.at, pick]; // it is on its way
  // One that is shown smaller than it is cannot be compared: what came first after the pick is that one.
  const item = last && (last.came ?? input) === input && items[last.at];
  return [item && (isItem(item, input) || !isSize(item, input)) ? last.at : found, pick];
}

const isSize = (item: Picture, input: Input) =>
  isPicture(input) && item.width === input.width && item.height === input.height;
const isItem = (item: Picture, input: Input) =>
  isPicture(input) && isSize(item, input) && same(item.rgb, input.rgb);

function Thumb({ item }: { item: GalleryItem }) {
  const rgba = useMemo(() => ofRgb(item.rgb), [item]);
  return <Pixels rgba={rgba} width={item.width} height={item.height} class="nw-thumb" />;
}
