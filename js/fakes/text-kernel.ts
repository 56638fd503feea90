/**
 * A kernel in the page with an invented model of text. Its numbers come from a hash and a few rules (a unit for quotes,
 * one for the column …); they only have to look like something and to be the same each time.
 */
import type { GuessesPart } from "../src/panels/guesses/wire.ts";
import type { AtlasInfo, AtlasOffer } from "../src/wire/atlas-protocol.ts";
import type { Ask, Scale, ToKernel } from "../src/wire/protocol.ts";
import type { PatternsInfo } from "../src/wire/results/patterns.ts";
import type { SiteInfo, Traits } from "../src/wire/traits.ts";
import { answerAtlas, answerImported } from "./atlas-answers.ts";
import { editsOf } from "./edits.ts";
import { hash } from "./frame-writer.ts";
import { textIn } from "./host.ts";
import { FakeKernel, type KernelSetting } from "./kernel.ts";
import { patternPart } from "./results/patterns.ts";
import { studyAnswers } from "./studies/answers.ts";
import { type TextModel, type Token, textFrame, textReading } from "./text-frame.ts";

export type TextSetting = Partial<Omit<Traits, "layout_kind">> &
  KernelSetting & {
    layout_kind?: string;
    split?: "characters" | "words" | "bytes";
    bos?: boolean;
    context?: number;
    nan?: boolean;
    /** Names of directions to steer along. */
    directions?: string[];
    /** The model raises while the text has this in it. */
    failOn?: string;
  };

export const TEXT_SITES: SiteInfo[] = [0, 1, 2, 3].flatMap((layer) => [
  { name: `mlp.${layer}`, canonical: `blocks.${layer}.mlp`, kind: "mlp", width: 512, layer },
  { name: `resid.${layer}`, canonical: `blocks.${layer}`, kind: "resid", width: 192, layer },
]);

export class TextKernel extends FakeKernel {
  private readonly model: TextModel;
  private last: Ask | null = null;

  constructor(private readonly texts: TextSetting = {}) {
    const { silent, delay, split, bos, context, nan, failOn, directions, ...traits } = texts;
    const catalog = {
      model: "invented",
      sites: TEXT_SITES,
      context: context ?? 512,
      causal: true,
      guesses: true,
      continues: true,
      measure: "activation",
      ...(directions && { directions }),
    };
    super({ layout_kind: "explorer", site: "mlp.2", catalog, ...traits }, { silent, delay });
    this.model = inventedModel(texts);
  }

  protected hear(message: ToKernel): void {
    if (message.kind === "ask") this.pass(message);
    else if (message.kind === "study" && this.last) {
      const text = textIn(this.last);
      const names = this.model.tokens(text).map(({ start, end }) => text.slice(start, end));
      const { acting } = editsOf(this.last);
      const of = { unit: this.last.unit, parts: "tokens", names, hasTokens: true, sites: TEXT_SITES, acting };
      for (const answer of studyAnswers(message, of)) this.later(answer);
    } else if (message.kind === "probe" && this.last) {
      this.later(textReading(this.model, this.last, message));
    } else if (message.kind === "atlas") {
      const imported = (this.get("atlas_info") as AtlasInfo | null)?.documents === null;
      const { header, buffers } = imported ? answerImported(message) : answerAtlas("text", message);
      this.later(header, buffers);
      if (message.want === "build") this.build((message as { stop?: boolean }).stop === true);
    }
  }

  /** Half of the atlas is there at once, and it stays so until somebody sets `atlas_info`. */
  private build(stop: boolean): void {
    const offer = this.get("atlas_offer") as AtlasOffer;
    const words = stop ? "Stopped. What is done is kept." : "";
    const phase = stop ? "stopped" : "building";
    this.set("atlas_offer", { ...offer, phase, words, share: 0.5, left: 20 });
  }

  private pass(ask: Ask): void {
    const { failOn } = this.texts;
    const text = textIn(ask);
    if (failOn && text.includes(failOn)) {
      const message = `RuntimeError: the expanded size of the tensor (${text.length}) must match the existing size`;
      const hint = "The model raised this in blocks.2.mlp. Try a shorter text.";
      this.later({ kind: "error", seq: ask.seq, message, hint });
      return;
    }
    this.last = ask;
    const { message, buffers } = textFrame(this.model, ask);
    const info = this.get("patterns_info") as PatternsInfo | undefined;
    if (info && ask.parts.pattern) message.parts.pattern = patternPart(text, "text", info.layers.length);
    this.later(message, buffers);
  }
}

function inventedModel({ split, bos, context, nan }: TextSetting): TextModel {
  const tokens = tokeniser(split, bos);
  return {
    sites: TEXT_SITES,
    context: context ?? 512,
    tokens,
    scale: scaleOf,
    guesses,
    // So that a long text is not looked at whole for each key.
    most: 1,
    overview: { units: [1, 2, 3, 17, 40], kind: "mlp" },
    odd: nan ? { nan: 12, inf: 1 } : { nan: 0, inf: 0 },
    value: (site, unit, text, token) => {
      const offset = tokens(text)[token]?.start ?? 0;
      const noise = hash(`${site}:${unit}:${text.charCodeAt(offset) || 0}:${text.charCodeAt(offset - 1)}`);
      if (nan && unit === 17 && noise > 0.85) return noise > 0.95 ? Number.POSITIVE_INFINITY : Number.NaN;
      return activationOf(site, unit, text, offset, noise);
    },
  };
}

function activationOf(site: string, unit: number, text: string, offset: number, noise: number): number {
  if (site.startsWith("resid")) return (noise - 0.5) * 8 * hash(`${unit}`);
  if (unit === 17) {
    const quotes = text.slice(0, offset).split('"').length - 1;
    return quotes % 2 === 1 ? 2.4 + noise : noise * 0.3;
  }
  if (unit === 3) return Math.min(4, (offset - text.lastIndexOf("\n", offset - 1)) / 12);
  if (unit === 40) return text.charCodeAt(offset) === 32 ? 3.2 : 0;
  return Math.max(0, noise * 5 - 3.4);
}

function scaleOf(site: string, ask: Ask): Scale {
  const signed = site.startsWith("resid");
  const [lo, hi] = ask.pinned ?? (signed ? [-4, 4] : [0, 4]);
  return { lo, hi, mode: ask.mode, knee: 0.1, signed, pinned: ask.pinned !== null };
}

function guesses(_text: string, _token: number, count: number): GuessesPart {
  const list = ["e", "\n", " ", "self", "(", "</script>", "“", "\t", "x", "1"]
    .slice(0, count)
    .map((text, i) => ({ text, p: 0.42 / (i + 1) ** 1.5 }));
  return { list, actual: { text: "e", p: 0.42, rank: 1 } };
}

/** Tokens of a text, each text cut once. */
function tokeniser(split: TextSetting["split"], bos = false): (text: string) => Token[] {
  const cache = new Map<string, Token[]>();
  const pattern = split === "words" ? /\s?[\p{L}\p{N}]{1,6}|\s+|[^\s\p{L}\p{N}]/gu : /[\s\S]/gu;
  return (text) => {
    const before = cache.get(text);
    if (before) return before;
    const tokens: Token[] = bos ? [{ start: 0, end: 0, label: "<bos>" }] : [];
    for (const match of text.matchAll(pattern)) {
      const token = { start: match.index, end: match.index + match[0].length };
      const bytes = split === "bytes" ? new TextEncoder().encode(match[0]).length : 1;
      for (let i = 0; i < bytes; i++) tokens.push(token);
    }
    cache.set(text, tokens);
    return tokens;
  };
}
