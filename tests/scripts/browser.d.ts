// What the scripts of pages find in them, beside what every browser has.

/** plotly.js, which stands before the script. */
declare const Plotly: any;

// Elements are found by their id or place in a template, so their kind is known to the reader alone.
interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}
interface Document {
  getElementById(id: string): any;
}
