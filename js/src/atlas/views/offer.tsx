/** Offer to build an atlas, where a view has none: by a button for a bundled model, in two lines of code for others. */
import { useEffect, useMemo } from "preact/hooks";
import { kindOf } from "../../kinds/registry.ts";
import { duration } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import type { AtlasOffer } from "../../wire/atlas-protocol.ts";
import type { AtlasSession } from "../session/session.ts";

const NOTHING: AtlasOffer = { takes: "", phase: "offered", share: null, left: null, words: "" };

export function Offer({ atlas }: { atlas: AtlasSession }) {
  const offer = { ...NOTHING, ...(atlas.trait("atlas_offer").value as object | null) };
  const [, many] = kindOf(atlas.live!.kind.name).words.document;
  return (
    <section class="nw-panel nw-about nw-offer" data-nw="atlas-offer" aria-label="What does this unit do?">
      <h3 class="nw-title">What does this unit do?</h3>
      {offer.takes === "" ? <Code many={many} /> : <Build atlas={atlas} offer={offer} many={many} />}
    </section>
  );
}

function Code({ many }: { many: string }) {
  return (
    <>
      <p class="nw-offer-says">To answer this, the model must see many {many} once. Run in the notebook:</p>
      <pre class="nw-mono">{'atlas = nw.scan(live, documents, out="atlas/")\nexplorer.atlas = atlas'}</pre>
    </>
  );
}

function Build({ atlas, offer, many }: { atlas: AtlasSession; offer: AtlasOffer; many: string }) {
  const channel = useMemo(() => atlas.channel("build"), [atlas]);
  useEffect(() => () => atlas.end(channel), [atlas, channel]);
  const { phase, share, left, takes, words } = offer;
  const builds = phase === "building" || phase === "stopping";
  if (!builds) {
    const label = phase === "offered" ? "Build its atlas" : "Try again";
    return (
      <>
        <p class="nw-offer-says">
          To answer this, the model must see many {many} once: {takes}. The atlas is kept, and opens at once
          from then on.
        </p>
        {words !== "" && (
          <p class="nw-offer-words" role="status">
            {words}
          </p>
        )}
        <button
          type="button"
          data-nw="build-atlas"
          disabled={!isLive(atlas)}
          onClick={() => channel.ask({ stop: false })}
        >
          {phase === "stopped" ? "Go on" : label}
        </button>
      </>
    );
  }
  const far = share === null ? "getting ready" : `${Math.floor(100 * share)} %`;
  return (
    <>
      <progress class="nw-offer-bar" aria-label="Atlas built" max={1} value={share ?? undefined} />
      <p class="nw-offer-says" data-nw="build-far">
        {phase === "stopping" ? "Stopping after this batch…" : far}
        {phase === "building" && left !== null && ` · ${duration(left)} left`}
      </p>
      <button
        type="button"
        data-nw="build-cancel"
        disabled={!isLive(atlas) || phase === "stopping"}
        title="What is done is kept; it goes on from there"
        onClick={() => channel.ask({ stop: true })}
      >
        Cancel
      </button>
    </>
  );
}
