// Pause, resume, cancel, reprioritise a job: what can be undone at once, what cannot is asked about first.

import { post, put } from "./api.js";
import { confirmed } from "./dialogs.js";
import { t } from "./i18n.js";
import { fail, toast } from "./toast.js";

/** Each takes a job as the API gives it, and calls `took` with what it has become. */

export async function pauseOrResume(job, took) {
  const [verb, back] = job.state === "paused" ? ["resume", "pause"] : ["pause", "resume"];
  const order = (what) => post(`/jobs/${job.job}/${what}`).then(took, fail);
  try {
    took(await post(`/jobs/${job.job}/${verb}`));
    toast(t(`common.steered.${verb}`, { job: job.job }), { undo: { label: t("common.undo"), act: () => order(back) } });
  } catch (error) {
    fail(error);
  }
}

export async function cancel(job, took) {
  const sentence = t("common.cancel.sentence", { job: job.job });
  if (!(await confirmed(t("common.cancel.heading"), sentence, t("common.cancel.do")))) return;
  try {
    took(await post(`/jobs/${job.job}/cancel`));
    toast(t("common.steered.cancel", { job: job.job }));
  } catch (error) {
    fail(error);
  }
}

export async function prioritise(job, priority, took) {
  const before = job.priority;
  const order = (priority) => put(`/jobs/${job.job}/priority`, { priority }).then(took, fail);
  try {
    took(await put(`/jobs/${job.job}/priority`, { priority }));
    toast(t("common.steered.priority", { job: job.job, priority }), { undo: before ? { label: t("common.undo"), act: () => order(before) } : undefined });
  } catch (error) {
    fail(error);
    took(job);
  }
}
