// The time slider: every number of a mailing as it was at that moment. What a number is, its element says: `data-t` is its
// track, `data-of` the one that it is a share of, `data-d` one
// of milliseconds that says nothing while `data-of` is 0, `data-w` that of a bar's part. A track lists when it changed to what.
// Where each slider stands: a time in milliseconds, or `end`.
const sliders = {};

function trackAt(track, frame) {
  let value = 0;
  for (let index = 0; index < track.length && track[index] <= frame; index += 2) value = track[index + 1];
  return value;
}

function paint(within, frames, frame) {
  const value = (id) => trackAt(frames.tracks[id], frame);
  for (const element of all('[data-t]', within)) {
    const { t, of } = element.dataset;
    element.textContent = of === undefined ? number(value(t)) : percent(value(t), value(of));
    if (of === undefined) element.classList.toggle('zero', value(t) === 0);
  }
  for (const element of all('[data-d]', within)) {
    const { d, of } = element.dataset;
    element.textContent = value(of) === 0 ? '' : span(value(d));
  }
  for (const element of all('[data-w]', within)) element.style.flexGrow = value(element.dataset.w);
}

// The last frame of a mailing that is not later than a moment of the run; -1 before it started.
function frameAt(frames, millis) {
  let frame = -1;
  while (frame + 1 < frames.moments.length && frames.start + frames.moments[frame + 1] <= millis) frame += 1;
  return frame;
}

function paintMailing(index, frame) {
  const view = byId(`mailing-${index}`);
  const frames = data.frames[index];
  paint(view, frames, frame);
  for (const marker of all('[data-marker]', view)) placeMarker(marker, frames, frame);
}

function paintRun(millis) {
  let early = 0;
  for (const row of all('[data-group] tr[data-m]')) {
    const frames = data.frames[row.dataset.m];
    const frame = frameAt(frames, millis);
    row.hidden = frame < 0;
    early += frame < 0 ? 1 : 0;
    paint(row, frames, frame);
    if (row.dataset.kind === 'regular') {
      const open = row.dataset.open.split(' ').some((id) => trackAt(frames.tracks[id], frame) > 0);
      byId(`group-${open ? 'in-progress' : 'sent'}`).parentElement.querySelector('tbody').append(row);
    }
  }
  for (const group of all('[data-group]')) {
    const rows = all('tr[data-m]', group);
    rows.sort((one, other) => one.dataset.m - other.dataset.m).forEach((row) => row.parentElement.append(row));
    const shown = rows.filter((row) => !row.hidden).length;
    group.querySelector('.count').textContent = number(shown);
    group.querySelector('.scroll').hidden = shown === 0;
    group.querySelector('.none').hidden = shown > 0;
  }
  const note = byId('not-started');
  note.hidden = early === 0;
  note.textContent = early === 0 ? '' : `${counted(early, 'mailing')} not started yet.`;
}

// A line across a chart: from the left edge of its plot to the right one by time.
function placeMarker(marker, frames, frame) {
  const { left, right } = marker.dataset;
  const length = frames.moments[frames.moments.length - 1] || 1;
  const at = Number(left) + ((Number(right) - Number(left)) * frames.moments[frame]) / length;
  marker.setAttribute('x1', at);
  marker.setAttribute('x2', at);
  marker.toggleAttribute('hidden', false);
}

function setSlider(name, frame) {
  const input = byId(`slider-${name}`);
  const moments = name === 'run' ? data.moments : data.frames[name].moments;
  const last = moments.length - 1;
  const at = Math.min(frame, last);
  input.value = at;
  sliders[name] = at >= last ? 'end' : moments[at];
  const text = at >= last ? `${moment(moments[last])}, ${root.dataset.live ? 'now' : 'the end'}` : moment(moments[at]);
  byId(`slider-${name}-value`).textContent = text;
  input.setAttribute('aria-valuetext', text);
  if (name === 'run') paintRun(at >= last ? Infinity : moments[at]);
  else paintMailing(name, at);
}

function startSliders() {
  for (const box of all('[data-slider]')) {
    const name = box.dataset.slider;
    box.hidden = false;
    byId(`slider-${name}`).oninput = (event) => setSlider(name, Number(event.target.value));
    const { moments } = name === 'run' ? data : data.frames[name];
    const kept = sliders[name];
    // The moments are chosen anew while a run grows: what stays is the time, not its number.
    setSlider(name, kept === undefined || kept === 'end' ? Infinity : Math.max(0, moments.findLastIndex((one) => one <= kept)));
  }
}
