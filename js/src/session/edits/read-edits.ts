/** Edits of the model as the trait has them, each in a shape that can be relied on. */
import { isList, isNumber, isObject, isText, type Loose } from "../../wire/checks.ts";
import type { Change, Condition, EditSetting, Scope } from "../../wire/edits.ts";
import { LIMITS } from "../../wire/shared.ts";

/** Saved notebooks may hold anything: what is no edit is left out. */
export function readEdits(value: unknown): EditSetting[] {
  return Array.isArray(value) ? value.flatMap(readEdit).slice(0, LIMITS.edits) : [];
}

function readEdit(value: unknown): EditSetting[] {
  if (!isObject(value) || !isText(value.unit)) return [];
  const change = readChange(value);
  if (change === null) return [];
  const { unit, scope, when, on } = value;
  return [{ ...change, unit, scope: readScope(scope), when: readCondition(when), on: on !== false }];
}

function readChange({ edit, factor, value, to, strength }: Loose): Change | null {
  if (edit === "scale" && isNumber(factor)) return { edit, factor };
  if (edit === "clamp" && isNumber(value)) return { edit, value };
  if (edit === "ablate") return { edit, to: to === "mean" || to === "resample" ? to : "zero" };
  if (edit === "steer" && isNumber(strength)) return { edit, strength };
  return null;
}

function readScope(scope: unknown): Scope {
  if (scope === "last") return scope;
  return isList(scope, isNumber) && scope.length > 0 ? scope : "all";
}

function readCondition(when: unknown): Condition | null {
  return isObject(when) && isText(when.unit) && isNumber(when.above)
    ? { unit: when.unit, above: when.above }
    : null;
}
