/** Reads the unit filter as a person writes it: `3, 17-20`. */

export type Filtered = {
  /** Rising, each once; null: no filter, or none that can be read. */
  units: number[] | null;
  /** What could not be read, in words; "" when all could. */
  problem: string;
};

/** No site is wider; a range someone typed must not fill the memory. */
const WIDEST = 1 << 22;

export function parseUnits(filter: string, siteWidth: number): Filtered {
  const width = Math.min(siteWidth, WIDEST);
  // "17 - 20" is one range; other spaces separate.
  const parts = filter.replace(/\s*(-|–|\.\.)\s*/g, "-").split(/[,;\s]+/);
  const units = new Set<number>();
  for (const part of parts) {
    if (part === "") continue;
    // A site before the colon is read over: people paste unit names.
    const range = /^(?:.*:)?(\d+)(?:-(\d+))?$/.exec(part);
    if (!range) return { units: null, problem: `“${part}” is not a unit or a range: write 3, 17-20.` };
    const a = Number(range[1]);
    const b = range[2] === undefined ? a : Number(range[2]);
    const low = Math.min(a, b);
    if (low >= width) {
      return {
        units: null,
        problem: `There is no unit ${low} here: the site has ${width}, numbered from 0.`,
      };
    }
    for (let unit = low; unit <= Math.max(a, b) && unit < width; unit++) units.add(unit);
  }
  return { units: units.size > 0 ? [...units].sort((a, b) => a - b) : null, problem: "" };
}
