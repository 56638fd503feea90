/** Words for tokens, units, probabilities and kinds of sites. */
import type { Frame } from "../wire/frame.ts";
import type { UnitName } from "../wire/protocol.ts";
import { labelsOf, spansOf, textWindow } from "../wire/tokens.ts";
import type { SiteInfo } from "../wire/traits.ts";

const GLYPHS: Record<string, string> = {
  " ": "␣",
  "\n": "⏎",
  "\t": "⇥",
  "\r": "␍",
  "\u00a0": "⍽",
  "\u200b": "∅",
};

/** Whitespace and control characters as something that can be seen. */
export function glyphs(text: string): string {
  let shown = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (GLYPHS[character] !== undefined) shown += GLYPHS[character];
    else if (code < 0x20) shown += String.fromCodePoint(0x2400 + code);
    else if (code === 0x7f) shown += "␡";
    else if (isInvisible(code)) shown += "∅";
    // A combining mark alone has nothing to stand on; a dotted circle carries it.
    else if (/^\p{M}$/u.test(character) && shown === "") shown += `◌${character}`;
    else shown += character;
  }
  return shown;
}

/** Spaces stay spaces; what else cannot be seen gets a sign. */
export function visible(piece: string): string {
  return piece === "" ? "∅" : piece.split(" ").map(glyphs).join(" ");
}

function isInvisible(code: number): boolean {
  return (
    (code >= 0x80 && code < 0xa0) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    code === 0xfeff
  );
}

/** The text of a token, counted from the start of the whole text; special tokens by their label. */
export function tokenText(frame: Frame, token: number): string {
  const index = token - textWindow(frame).first;
  const label = labelsOf(frame)[String(index)];
  if (label !== undefined) return label;
  const spans = spansOf(frame);
  return index < 0 || 2 * index >= spans.length
    ? ""
    : frame.text.slice(spans[2 * index], spans[2 * index + 1]);
}

/** The token as a person can see it, shortened. */
export function tokenGlyphs(frame: Frame, token: number, longest = 16): string {
  return shorten(glyphs(tokenText(frame, token)), longest);
}

export function shorten(text: string, longest: number): string {
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}

/** `"mlp.2:417"` → `["mlp.2", 417]`; the last colon parts them. */
export function splitUnit(unit: UnitName): [site: string, index: number] {
  const colon = unit.lastIndexOf(":");
  return [unit.slice(0, colon), Number(unit.slice(colon + 1))];
}

/** 43 %, 4.3 %, 0.04 %, < 0.01 %. */
export function percent(p: number): string {
  const hundred = 100 * p;
  if (!Number.isFinite(hundred)) return "not a number";
  if (hundred >= 99.95) return hundred >= 100 ? "100 %" : "> 99.9 %";
  if (hundred >= 10) return `${hundred.toFixed(0)} %`;
  if (hundred >= 1) return `${hundred.toFixed(1)} %`;
  return hundred >= 0.01 ? `${hundred.toFixed(2)} %` : "< 0.01 %";
}

/** A change of a probability: +12 %, −4.3 %, 0 %. */
export function signedPercent(change: number): string {
  if (!(Math.abs(change) >= 5e-5)) return "0 %";
  return `${change < 0 ? "−" : "+"}${percent(Math.abs(change))}`;
}

export const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

const NUMBERS = new Intl.NumberFormat("en");

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${NUMBERS.format(count)} ${count === 1 ? one : many}`;
}

/** What a site's units are, for a person who does not know its name. */
export function sayKind(site: SiteInfo): string {
  switch (site.kind) {
    case "mlp":
      return `neurons of the MLP in layer ${site.layer}`;
    case "state":
      return `memory of layer ${site.layer}, carried from token to token`;
    case "resid":
      return `the stream after layer ${site.layer}`;
    case "heads":
      return `attention heads of layer ${site.layer}`;
    case "sae":
      return `features of a sparse autoencoder at layer ${site.layer}`;
    default:
      return `module ${site.canonical}`;
  }
}

/** Seconds in words: 12 s, 3 min 5 s, 2 h 10 min. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
