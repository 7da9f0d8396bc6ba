// Making and changing elements. Text only ever goes in as text; what has not changed is not touched.

const SVG = "http://www.w3.org/2000/svg";

/** Find an element of the page by its id. */
export const at = (id) => document.getElementById(id);

/** Make an element with attributes and children, which are nodes or texts. */
export function make(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Make an SVG element. */
export function draw(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Write a text into an element that holds nothing else, if it is another one than before. */
export function put(node, text) {
  const wanted = String(text ?? "");
  if (node.shownText === wanted) return;
  node.shownText = wanted;
  node.textContent = wanted;
}

/** Set an attribute, or take it away for null and false, if that changes it. */
export function mark(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

/** Show or hide an element. */
export function show(node, isShown) {
  if (node.hidden === isShown) node.hidden = !isShown;
}

/** Keep a parent's children in step with a list: one element for each key, moved and changed only where needed. */
export class KeyedList {
  /** `make(item)` gives an object with a `node`, `update(made, item)` changes it; all stand behind `head`, if any. */
  constructor(parent, { key, make: maker, update, head = null }) {
    Object.assign(this, { parent, key, maker, update, head, made: new Map(), isFirst: true });
  }

  /** Show these items in this order; elements that came after the first showing are `fresh`. */
  show(items) {
    const wanted = this.keyed(items);
    for (const [key, made] of this.made) {
      if (wanted.has(key)) continue;
      made.node.remove();
      this.made.delete(key);
    }
    let next = this.head ? this.head.nextElementSibling : this.parent.firstElementChild;
    for (const [key, item] of wanted) {
      let made = this.made.get(key);
      if (!made) {
        made = this.maker(item);
        if (!this.isFirst) made.node.classList.add("fresh");
        this.made.set(key, made);
      }
      this.update(made, item);
      if (made.node === next) next = next.nextElementSibling;
      else this.parent.insertBefore(made.node, next);
    }
    this.isFirst = false;
  }

  /** Forget everything, so that what comes next is not taken for news. */
  clear() {
    for (const made of this.made.values()) made.node.remove();
    this.made.clear();
    this.isFirst = true;
  }

  keyed(items) {
    const wanted = new Map();
    for (const item of items) {
      const key = this.key(item);
      let unique = key;
      for (let n = 2; wanted.has(unique); n += 1) unique = `${key}\n${n}`;
      wanted.set(unique, item);
    }
    return wanted;
  }
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) mark(node, name, value === true ? "" : value);
  node.append(...children);
  return node;
}
