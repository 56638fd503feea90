/** Explorer with the atlas at its right side: card, exemplars and finder of the selected unit. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { kindOf, type LiveFace, type View } from "../../kinds/registry.ts";
import { isLive, type Session } from "../../session/session.ts";
import { UnitCard } from "../card/card.tsx";
import { type CardStore, createCardStore } from "../card/card-store.ts";
import { Exemplars } from "../exemplars/exemplars.tsx";
import { Finder } from "../finder/finder.tsx";
import { createDataScale, type DataScale } from "../scale/data-scale.ts";
import type { AtlasSession } from "../session/session.ts";
import type { LiveAtlasView } from "./atlas-view.ts";
import "./side.css";

/** The same Explorer; where there is an atlas with its colours pinned to the data set, and the side. */
export function withSide(Explorer: View): LiveAtlasView {
  const Beside: LiveAtlasView = ({ session, atlas }) => {
    const { store, dataScale } = useAtlas(session, atlas);
    return (
      <div class="nw-with-side">
        <Explorer session={dataScale.session} />
        <aside class="nw-side" data-nw="atlas-side" aria-label="What does this unit do?">
          <SideHead atlas={atlas} dataScale={dataScale} />
          <UnitCard atlas={atlas} store={store} />
          {store.scanned.value && <Exemplars atlas={atlas} />}
          <Fold atlas={atlas} />
        </aside>
      </div>
    );
  };
  return ({ session, atlas }) =>
    atlas.given.value ? <Beside session={session} atlas={atlas} /> : <Explorer session={session} />;
}

/** The card as a widget of its own, with the unit's exemplars and its input above or beside it. */
export function withCard({ view: Input, place }: LiveFace["card"]): LiveAtlasView {
  return ({ session, atlas }) => {
    const { store, dataScale } = useAtlas(session, atlas);
    return (
      <div class={place === "above" ? "nw-card-below" : "nw-card-beside"}>
        <div class="nw-card-parts">
          <Input session={dataScale.session} />
          <div class="nw-card-alone">
            <SideHead atlas={atlas} dataScale={dataScale} />
            <UnitCard atlas={atlas} store={store} />
          </div>
          {store.scanned.value && <Exemplars atlas={atlas} handle="card" />}
        </div>
      </div>
    );
  };
}

function useAtlas(session: Session, atlas: AtlasSession): { store: CardStore; dataScale: DataScale } {
  const store = useMemo(() => createCardStore(atlas), [atlas]);
  const dataScale = useMemo(() => createDataScale(session, store.card), [session, store]);
  useEffect(
    () => () => {
      dataScale.close();
      store.close();
    },
    [store, dataScale],
  );
  return { store, dataScale };
}

function SideHead({ atlas, dataScale }: { atlas: AtlasSession; dataScale: DataScale }) {
  const { documents, tokens, input, about } = atlas.info.value;
  const { words, exemplars } = kindOf(input);
  const amount = documents === null ? about : `over ${documents.toLocaleString("en")} ${words.document[1]}`;
  return (
    <div class="nw-side-head">
      <h3 class="nw-title">What does this unit do?</h3>
      <span class="nw-sub">
        {amount}
        {tokens !== null && exemplars?.sayAmount?.(tokens)}
      </span>
      {!isLive(atlas) && (
        <span class="nw-soft" data-nw="atlas-status">
          not live: {atlas.reason.value}
        </span>
      )}
      <label
        class="nw-field"
        title="The ends of the colours are what the unit (on the text) and its site (in the map) did over the data set, so that colours mean the same while the input changes"
      >
        <input
          type="checkbox"
          role="switch"
          data-nw="pin-atlas"
          checked={dataScale.on.value}
          aria-checked={dataScale.on.value}
          onChange={(event) => {
            dataScale.on.value = event.currentTarget.checked;
          }}
        />{" "}
        same colours on every page
      </label>
    </div>
  );
}

function Fold({ atlas }: { atlas: AtlasSession }) {
  const [open, setOpen] = useState(false);
  return (
    <div class="nw-find-fold">
      <button
        type="button"
        class="nw-fold"
        data-nw="find-fold"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span class="nw-chevron" aria-hidden="true">
          {open ? "▾" : "▸"}
        </span>
        <span class="nw-title">Find units</span>
      </button>
      {open && <Finder atlas={atlas} />}
    </div>
  );
}
