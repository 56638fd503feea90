/** Image files, dropped, pasted or chosen, as pictures. */
import type { Picture } from "../../../wire/inputs.ts";
import { LARGEST } from "./change.ts";

export function imageIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

/** null for what the browser cannot read as an image. */
export async function pictureOf(file: File): Promise<Picture | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const shrink = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * shrink));
    const height = Math.max(1, Math.round(bitmap.height * shrink));
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    // What is transparent becomes white paper.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, rgb: Uint8Array.from(data.filter((_, i) => i % 4 !== 3)) };
  } catch {
    return null;
  }
}
