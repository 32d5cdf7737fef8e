// The start of a page, and its next states while a run goes on: what a reader has opened, typed and chosen stays.
const FIELDS = ['find', 'find-status', 'find-mark', 'find-provider', 'find-mailing'];

function start() {
  copyButtons();
  if (data.frames) startSliders();
  startTables();
  startContacts();
  showView(false);
}

function remember() {
  const focused = document.activeElement;
  return {
    values: FIELDS.map((id) => byId(id)?.value),
    focus: focused && focused.id,
    selection: focused && focused.id === 'find' ? [focused.selectionStart, focused.selectionEnd] : undefined,
    open: all('details').map((one) => one.open),
    scroll: [window.scrollX, window.scrollY],
    page: list.page,
  };
}

function restore(kept) {
  list.page = kept.page;
  FIELDS.forEach((id, index) => {
    if (byId(id) && kept.values[index] !== undefined) byId(id).value = kept.values[index];
  });
  if (data.contacts && byId('filters')) {
    find();
    drawList();
  }
  const details = all('details');
  if (details.length === kept.open.length) details.forEach((one, index) => { one.open = kept.open[index]; });
  const focused = kept.focus && byId(kept.focus);
  if (focused) focused.focus({ preventScroll: true });
  if (focused && kept.selection) focused.setSelectionRange(...kept.selection);
  window.scrollTo(...kept.scroll);
}

// The markup is made by the same templates as the page itself, which escape what is foreign.
function update(text) {
  const next = JSON.parse(text);
  const kept = remember();
  byId('top').innerHTML = next.header;
  byId('main').innerHTML = next.main;
  readData(next.data);
  start();
  restore(kept);
}

function listen(address) {
  const events = new EventSource(address);
  events.onmessage = (event) => update(event.data);
  events.addEventListener('end', () => {
    events.close();
    delete root.dataset.live;
    root.dataset.ended = '';
    if (data.frames) startSliders();
  });
}

root.classList.add('js');
readData(byId('data')?.textContent);
window.addEventListener('hashchange', () => showView(true));
start();
if (root.dataset.live) listen(root.dataset.live);
