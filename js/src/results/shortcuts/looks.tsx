/** Looks of a unit: over the mean picture of the inputs it is strongest on, and as places with their shares. */
import { useMemo } from "preact/hooks";
import { visible } from "../../paint/words.ts";
import { bytesIn } from "../../panels/pattern/points.ts";
import { Bar } from "../../ui/bar.tsx";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import type { LookRow } from "../../wire/results/shortcuts.ts";
import type { Pixels64 } from "../../wire/results/shown.ts";

export function Looks({ look: { unit, words, where, average, marked } }: { look: LookRow }) {
  const places = where.filter(([, share]) => share >= 0.005);
  if (!places.length && !average) return <p class="nw-empty">Where {unit} looks is not known.</p>;
  const listed = places.map(([place, share]) => `${place} ${Math.round(100 * share)} %`).join(", ");
  return (
    <div class="nw-looks" data-nw="looks">
      {marked && <Picture of={marked} label={`Where ${unit} looks: ${listed}`} words="where it looks" />}
      {average && (
        <Picture of={average} label={`The mean of the inputs ${unit} is strongest on`} words="their mean" />
      )}
      {places.length > 0 && (
        <table class="nw-effects nw-looks-places" aria-label={`${words} that ${unit} looks at`}>
          <tbody>
            {places.map(([place, share]) => (
              <tr key={place}>
                <td class={words === "tokens" ? "nw-mono" : ""}>{visible(place)}</td>
                <td class="nw-number">
                  <Bar share={share} /> {Math.round(100 * share)} %
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Picture({ of, label, words }: { of: Pixels64; label: string; words: string }) {
  const rgba = useMemo(() => ofRgb(bytesIn(of.rgb)), [of.rgb]);
  return (
    <figure class="nw-look">
      <span role="img" aria-label={label} title={label}>
        <Pixels rgba={rgba} width={of.width} height={of.height} class="nw-look-picture" />
      </span>
      <figcaption class="nw-sub">{words}</figcaption>
    </figure>
  );
}
