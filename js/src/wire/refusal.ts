/** Refusal of a message: why it cannot be shown, and what to do about it. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly hint = "Restart the kernel and reload the page, so that both run the same neuronwidget.",
  ) {
    super(message);
  }
}
