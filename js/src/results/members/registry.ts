/** Table of how an input looks among the members of a pattern, by its kind. */
import type { ComponentType } from "preact";
import type { Shown } from "./shown.ts";

export type MemberFace = {
  readonly Face: ComponentType<{ shown: Shown }>;
  /** "tiles" stand side by side, "lines" below each other. */
  readonly stand: "tiles" | "lines";
};

const FACES = new Map<string, MemberFace>();

export function registerFace(kind: string, face: MemberFace): void {
  FACES.set(kind, face);
}

/** A kind that this page has no face for is known by its name alone. */
export const faceFor = (kind: string): MemberFace => FACES.get(kind) ?? { Face: () => null, stand: "lines" };
