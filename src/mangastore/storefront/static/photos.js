// Photos of a fault: made small in the browser, sent with their return, and shown.

import { element, fetchJson } from "./shop.js";

const LONGEST = 1600; // pixels of the longer side: every crease is seen, and a phone sends it within seconds
const KINDS = "image/jpeg, image/png, image/webp";

/** A field for so many photos; those after them are not sent, which is said. */
export function photoField(most) {
  const note = element("span", { class: "quiet", role: "status" }, `Up to ${most}; what they show is what we decide by.`);
  const input = element("input", { type: "file", name: "photos", accept: KINDS, multiple: most > 1 });
  input.addEventListener("change", () => {
    const { length } = input.files;
    note.textContent = length > most ? `Only the first ${most} of ${length} are sent.` : `${length} chosen.`;
  });
  const field = element("label", { class: "photo-field" }, element("b", {}, "Photos of what is wrong"), input, note);
  return Object.assign(field, { chosen: () => [...input.files].slice(0, most) });
}

/** As it is sent: upright, no larger than it need be, and without what a phone notes beside it. */
async function small(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) throw new Error(`“${file.name}” is no photo that we can show: send JPEG, PNG or WebP.`);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // where it is transparent
  brush.fillRect(0, 0, width, height);
  brush.drawImage(picture, 0, 0, width, height);
  picture.close();
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
}

/** Sends photos one after the other; throws an Error whose message can be shown, for the first that is not taken. */
export async function sendPhotos(number, files, token) {
  for (const file of files) {
    const body = await small(file);
    await fetchJson(`/returns/v1/returns/${encodeURIComponent(number)}/photos`, { token, method: "POST", body });
  }
}

/** The photos of a return, each fetched with the token, which an address in a picture could not carry. */
export function photoRow(photos, token) {
  if (!photos.length) return null;
  return element("div", { class: "photos" }, ...photos.map((photo, place) => shown(photo, `Photo ${place + 1} of the fault`, token)));
}

function shown({ id }, alt, token) {
  const image = element("img", { alt, width: 160, height: 160 });
  fetch(`/returns/v1/photos/${id}`, { headers: { Authorization: `Bearer ${token}` } })
    .then((response) => (response.ok ? response.blob() : Promise.reject(new Error(response.status))))
    .then((blob) => read(blob))
    .then((address) => (image.src = address))
    .catch(() => image.replaceWith(element("p", { class: "quiet" }, `${alt} could not be loaded.`)));
  return image;
}

function read(blob) {
  return new Promise((done, failed) => {
    const reader = Object.assign(new FileReader(), { onload: () => done(reader.result), onerror: failed });
    reader.readAsDataURL(blob);
  });
}
