/** Reads the trait `atlas_info` into the shape the page relies on; saved notebooks may hold anything. */
import type { AtlasInfo } from "../../wire/atlas-protocol.ts";

const NOTHING: AtlasInfo = { model: "", input: "text", documents: 0, tokens: 0, sites: [] };

export function readInfo(value: unknown): AtlasInfo {
  const info = { ...NOTHING, ...(value as object | null) };
  return Array.isArray(info.sites) ? info : { ...info, sites: [] };
}
