/** Buttons for the part of the picture that is framed, and what comes of it. */
import { Row } from "./controls.tsx";
import { sizeOf } from "./crop.ts";
import { cancel } from "./crop-frame.tsx";
import type { ImageEditor } from "./image-editor.ts";

export function CropRow({ editor }: { editor: ImageEditor }) {
  const rect = editor.framed.value;
  const alike = editor.alike.value;
  const { now } = editor.history.value;
  /** The row goes away with its buttons; the focus stays with the tools. */
  const leave = (act: () => void) => (event: MouseEvent) => {
    const desk = (event.currentTarget as HTMLElement).closest(".nw-desk");
    desk?.querySelector<HTMLElement>("[data-nw=tool-move]")?.focus();
    act();
  };
  return (
    <Row label="Crop">
      <button
        type="button"
        data-nw="crop-apply"
        title="Keep this part only (Enter in the picture)"
        disabled={!rect}
        onClick={leave(() => {
          editor.tool.value = "move";
        })}
      >
        Apply
      </button>
      <button
        type="button"
        data-nw="crop-cancel"
        title="Leave the picture as it is (Escape in the picture)"
        onClick={leave(() => cancel(editor))}
      >
        Cancel
      </button>
      <button
        type="button"
        data-nw="uncrop"
        title="Take back every crop; the other edits stay"
        disabled={now.change.parts.length === 0}
        onClick={() => editor.change({ parts: [] })}
      >
        Uncrop
      </button>
      <label
        class="nw-field"
        title="On: of the frame’s proportions. Off: any; all of it is shown, and beside it the colour of its border"
      >
        <input
          type="checkbox"
          data-nw="crop-alike"
          checked={alike}
          onChange={(event) => {
            editor.alike.value = event.currentTarget.checked;
          }}
        />{" "}
        fill the frame
      </label>
      <span class="nw-sub nw-crop-words" data-nw="crop-words">
        {rect
          ? `${sizeOf(now, rect)} pixels, ${alike ? "scaled to the whole frame" : "scaled to fit beside its border’s colour"}`
          : "Drag over the part to keep, or press an arrow key in the picture."}
      </span>
    </Row>
  );
}
