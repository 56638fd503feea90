/** Explorer with what an atlas says of the selected unit at its side; where there is none, with the offer to build one. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { SideParts } from "../../kinds/explorer-frame.tsx";
import { kindOf, type LiveFace, type View } from "../../kinds/registry.ts";
import { isLive, type Session } from "../../session/session.ts";
import { CardDetails, UnitCard } from "../card/card.tsx";
import { type CardStore, createCardStore } from "../card/card-store.ts";
import { Exemplars } from "../exemplars/exemplars.tsx";
import { Finder } from "../finder/finder.tsx";
import { createDataScale, type DataScale } from "../scale/data-scale.ts";
import type { AtlasSession } from "../session/session.ts";
import type { LiveAtlasView } from "./atlas-view.ts";
import { Offer } from "./offer.tsx";
import "./side.css";

/** So many lines of exemplars that the rest of the page stays in sight; the list scrolls. */
const FEW = 151;

/** Gives an Explorer its side; where there is an atlas, its colours are pinned to the data set. */
export function withSide(Explorer: View): LiveAtlasView {
  return ({ session, atlas }) => {
    const { store, dataScale } = useAtlas(session, atlas);
    const version = useVersion(atlas);
    const parts = atlas.given.value
      ? {
          about: <About key={version} {...{ atlas, store, dataScale }} />,
          more: <More key={version} atlas={atlas} store={store} />,
        }
      : { about: <Offer atlas={atlas} /> };
    return (
      <SideParts.Provider value={parts}>
        <Explorer session={dataScale.session} />
      </SideParts.Provider>
    );
  };
}

type Parts = { atlas: AtlasSession; store: CardStore; dataScale: DataScale };

/** What the unit does: the inputs that show it, how often it had which value, and where the present input lies. */
function About({ atlas, store, dataScale }: Parts) {
  return (
    <section class="nw-panel nw-about" data-nw="atlas-side" aria-label="What does this unit do?">
      <SideHead atlas={atlas} dataScale={dataScale} />
      {store.scanned.value && atlas.unit.value !== null && <Exemplars atlas={atlas} height={FEW} />}
      <UnitCard atlas={atlas} store={store} brief />
    </section>
  );
}

/** What one asks next. */
function More({ atlas, store }: Omit<Parts, "dataScale">) {
  return (
    <section class="nw-panel nw-more" aria-label="More about this unit">
      {store.scanned.value && store.card.value !== null && (
        <>
          <h3 class="nw-title">More about this unit</h3>
          <CardDetails atlas={atlas} store={store} />
        </>
      )}
      <Fold atlas={atlas} />
    </section>
  );
}

/** Another number for each atlas that the view gets: what is shown of one is nothing for the next. */
function useVersion(atlas: AtlasSession): number {
  const info = atlas.info.value;
  const seen = useRef({ info, version: 0 });
  if (seen.current.info !== info) seen.current = { info, version: seen.current.version + 1 };
  return seen.current.version;
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
        title="The colours run between the ends of the whole data set, so that one colour is one value whatever the input is"
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
        colours of the data set
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
