/** Function that makes elements in bundles: calls of `h` are shorter than those of the JSX runtime. */
export { Fragment, h } from "preact";
