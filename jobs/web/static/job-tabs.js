/**
 * Tabs: arrows go from one to another, and what a tab shows is asked for when it is first opened.
 */
const REMEMBERED_AS = "atelier.job.tab";

export class Tabs {
  /** By name: what shows itself in the panel `panel-NAME` when `shown(panel)` is called. */
  constructor(parts) {
    this.parts = parts;
    this.tabs = Object.keys(parts).map((name) => document.getElementById(`tab-${name}`));
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(tab));
      tab.addEventListener("keydown", (event) => this.#key(event, tab));
    }
    const last = this.tabs.find((tab) => nameOf(tab) === sessionStorage.getItem(REMEMBERED_AS));
    this.job = null;
    this.show(last ?? this.tabs[0]);
  }

  show(tab) {
    for (const other of this.tabs) {
      const isOpen = other === tab;
      other.setAttribute("aria-selected", isOpen);
      other.tabIndex = isOpen ? 0 : -1;
      document.getElementById(`panel-${nameOf(other)}`).hidden = !isOpen;
    }
    this.open = this.parts[nameOf(tab)];
    sessionStorage.setItem(REMEMBERED_AS, nameOf(tab));
    this.open.shown(document.getElementById(`panel-${nameOf(tab)}`));
  }

  showNamed(name) {
    this.show(document.getElementById(`tab-${name}`));
  }

  stands(job, before) {
    for (const part of Object.values(this.parts)) part.stands?.(job, before, part === this.open);
  }

  wallChanged(chunks) {
    this.open.wallChanged?.(chunks);
  }

  #key(event, tab) {
    const at = this.tabs.indexOf(tab);
    const count = this.tabs.length;
    const next = { ArrowRight: (at + 1) % count, ArrowLeft: (at + count - 1) % count, Home: 0, End: count - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.show(this.tabs[next]);
    this.tabs[next].focus();
  }
}

const nameOf = (tab) => tab.id.slice("tab-".length);
