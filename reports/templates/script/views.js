// One view at a time, by the address behind the hash. Without a script all of them stand one below the other.
const HOME = 'overview';

function viewOf(hash) {
  if (/^#contact-\d+$/.test(hash)) return 'contact';
  const target = hash.length > 1 && byId(decodeURIComponent(hash.slice(1)));
  return target ? target.closest('[data-view]')?.id ?? HOME : HOME;
}

// The entry of the navigation that a view belongs to.
function entryOf(view) {
  if (view.startsWith('mailing-')) return HOME;
  return view === 'contact' ? 'contacts' : view;
}

function showView(moveFocus) {
  const views = all('[data-view]');
  if (views.length === 0) return;
  let hash = location.hash;
  try { decodeURIComponent(hash); } catch { hash = ''; }
  const name = viewOf(hash);
  if (name === 'contact') showStory(Number(hash.slice('#contact-'.length)));
  for (const view of views) view.classList.toggle('shown', view.id === name);
  for (const link of all('.views a')) {
    if (link.hash === '#' + entryOf(name)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  all('.source .target').forEach((line) => line.classList.remove('target'));
  const target = hash.length > 1 && byId(hash.slice(1));
  if (target && target.id !== name) {
    target.classList.add('target');
    target.scrollIntoView({ block: 'center' });
  } else if (moveFocus) {
    window.scrollTo(0, 0);
    const title = byId(name).querySelector('h2');
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
}
