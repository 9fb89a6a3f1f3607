/**
 * The shots of a film, a picture each; choosing one shows it on the wall. Their edges are drawn there, too.
 */
import { get } from "./api.js";
import { quietly } from "./job-quiet.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 400;
const AGAIN_MS = 30_000;

export class Shots {
  constructor(page) {
    this.page = page;
    this.section = document.getElementById("shots");
    this.list = this.section.querySelector("ol");
    this.shots = null;
    this.waiting = [];
    this.restsUntil = 0;
  }

  stands(job) {
    if (this.shots === null && job.kind === "film" && this.page.wall.model && performance.now() > this.restsUntil) {
      this.shots = [];
      this.#load().catch((error) => {
        this.shots = null;
        this.restsUntil = performance.now() + AGAIN_MS;
        quietly(error);
      });
    }
    this.#fetchPictures();
  }

  async #load() {
    const { items } = await get(`${this.page.path}/shots`);
    const { numbers } = this.page.wall.model;
    this.shots = items.map((shot) => ({ ...shot, start: numbers.frame(shot.start), first: shot.start, last: shot.stop }));
    this.page.wall.setShots(this.shots);
    if (this.shots.length < 2) return;
    this.section.hidden = false;
    this.list.replaceChildren(...this.shots.slice(0, MOST).map((shot) => this.#card(shot)));
    this.#fetchPictures();
  }

  #card(shot) {
    const picture = h("span", { class: "shot-picture" });
    this.waiting.push({ shot, picture });
    const span = `${shot.first}–${shot.last}`;
    return h("li", {},
      h("button", { type: "button", class: "shot", dataset: { testid: `shot-${shot.shot}` }, onclick: () => this.page.wall.lookAt(shot.start) },
        picture,
        h("span", { class: "shot-name" }, t("job.shot", { n: shot.shot })),
        h("span", { class: "shot-style truncate" }, shot.style),
        h("span", { class: "muted small" }, span),
      ),
    );
  }

  /** Pictures of those shots whose first frame is painted by now. */
  #fetchPictures() {
    const { model } = this.page.wall;
    this.waiting = this.waiting.filter(({ shot, picture }) => {
      if (!model.isPainted(shot.start)) return true;
      picture.append(h("img", { src: shot.thumb, alt: "", loading: "lazy" }));
      return false;
    });
  }
}
