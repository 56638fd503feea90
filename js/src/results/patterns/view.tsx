/** Patterns of inputs, linked: verdict and figures, map, rows, labels, flow; the present input where there is a model. */
import { useMemo } from "preact/hooks";
import type { AtlasSession } from "../../atlas/session/session.ts";
import type { View } from "../../kinds/registry.ts";
import { nameOf, sayPlace } from "../../panels/pattern/view.tsx";
import { isLive } from "../../session/session.ts";
import { useNeed } from "../../ui/need.ts";
import { ResultHead } from "../head.tsx";
import { Verdict } from "../verdict.tsx";
import { Flow } from "./flow.tsx";
import { InputMap } from "./map.tsx";
import { Matrix } from "./matrix.tsx";
import { Members } from "./members.tsx";
import { PatternRows } from "./rows.tsx";
import { called, PatternStore } from "./store.ts";
import "./patterns.css";

type PatternsProps = {
  of: AtlasSession;
  /** The editor of the kind, where there is a model. */
  input?: View;
};

export function Patterns({ of, input: Editor }: PatternsProps) {
  const store = useMemo(() => new PatternStore(of), [of]);
  const { live } = of;
  const layers = store.layers.value;
  return (
    <div class="nw-patterns">
      {!live && <ResultHead of={of} model={store.info.value.model || "model"} />}
      {live && <Asked store={store} />}
      {layers.length === 0 ? (
        <p class="nw-empty">The patterns are on their way…</p>
      ) : (
        <>
          <Verdicts store={store} />
          <Chosen store={store} />
          <div class={live ? "nw-patterns-body nw-with-editor" : "nw-patterns-body"}>
            {live && Editor && (
              <div class="nw-patterns-editor">
                <Editor session={live} />
              </div>
            )}
            <div class="nw-maps">
              {layers.map((_, i) => (
                <LayerMap key={i} store={store} number={i} />
              ))}
            </div>
            <PatternRows store={store} />
            <div class="nw-patterns-more">
              <Flow store={store} />
              <Matrix store={store} />
            </div>
          </div>
        </>
      )}
      <div class="nw-said" aria-live="polite" data-nw="said">
        {store.said.value}
      </div>
    </div>
  );
}

/** Says what is needed of the frames. */
function Asked({ store }: { store: PatternStore }) {
  useNeed(store.live!, "pattern", { nearest: 3 });
  return null;
}

function Verdicts({ store }: { store: PatternStore }) {
  const { sample } = store.info.value;
  return (
    <section class="nw-verdicts" aria-label="Verdict">
      {store.layers.value.map(({ info }) => (
        <Verdict key={info.site} verdict={info.verdict} figures={info.figures} />
      ))}
      {sample !== "" && <p class="nw-sub">{sample}</p>}
    </section>
  );
}

function LayerMap({ store, number }: { store: PatternStore; number: number }) {
  const { info } = store.layers.value[number]!;
  const place = store.live?.frame.value?.parts.pattern?.places[number];
  return (
    <section class="nw-pattern-part" aria-label={`Inputs in ${info.site}`}>
      <h3 class="nw-title">
        Inputs as <span class="nw-mono">{info.site}</span> sees them
      </h3>
      <InputMap store={store} number={number} />
      {store.live && (
        <div class="nw-place" data-nw="place" data-pattern={place?.pattern}>
          {place ? (
            <>
              <span>{sayPlace(info, place)}</span>
              {place.nearest.map(([document, name]) => (
                <button
                  key={document}
                  type="button"
                  class="nw-link"
                  data-nw="open-member"
                  disabled={!isLive(store.of)}
                  title="Put this input in the editor"
                  onClick={() => store.open(document)}
                >
                  {nameOf(name)}
                </button>
              ))}
            </>
          ) : (
            "The present input is placed here as soon as the model has run."
          )}
        </div>
      )}
    </section>
  );
}

/** What is chosen, in words, with the way back; and its inputs where they are of no one pattern. */
function Chosen({ store }: { store: PatternStore }) {
  const count = store.count();
  const pattern = store.pattern.value;
  const { label, to, brush } = store.narrowed.value;
  const second = store.layers.value[1]?.info.site;
  const words = [
    pattern !== null && called(pattern),
    to !== null && `${called(to)} in ${second}`,
    label !== null && `label ${label}`,
    brush !== null && "inside the frame",
  ].filter(Boolean);
  return (
    <section class="nw-chosen-inputs" data-nw="chosen" aria-label="Chosen inputs">
      {count === null ? (
        <p class="nw-sub">
          Choose a pattern, a cell or a part of the map: its inputs are chosen everywhere, and are{" "}
          <span class="nw-mono">view.chosen</span> in Python.
        </p>
      ) : (
        <>
          <p class="nw-sub">
            <b>{count}</b> inputs chosen: {words.join(", ")} – <span class="nw-mono">view.chosen</span> in
            Python{" "}
            <button type="button" class="nw-link" data-nw="let-go" onClick={() => store.clear()}>
              let go
            </button>
          </p>
          {pattern === null && <Members store={store} layer={0} pattern={null} />}
        </>
      )}
    </section>
  );
}
