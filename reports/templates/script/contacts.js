// The list of contacts: search, filters, pages of fifty. The columns are those of `html/contacts/columns.rs`.
const PAGE = 50;
const list = { addresses: undefined, found: [], page: 0 };

function addressOf(index) {
  const { locals, domain, domains } = data.contacts;
  const name = domains[domain[index]];
  return name === '' ? locals[index] : `${locals[index]}@${name}`;
}

const idOf = (index) => (data.contacts.ids ? data.contacts.ids[index] : index);

// Where a contact of the record stands in the data; -1 if it was left out.
function indexOf(contact) {
  const { ids, locals } = data.contacts;
  if (!ids) return contact < locals.length ? contact : -1;
  let [low, high] = [0, ids.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (ids[middle] === contact) return middle;
    if (ids[middle] < contact) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function find() {
  const { contacts } = data;
  list.addresses ??= contacts.locals.map((_, index) => addressOf(index).toLowerCase());
  const text = byId('find').value.trim().toLowerCase();
  const [status, mark, provider, mailing] = ['status', 'mark', 'provider', 'mailing'].map((name) => byId(`find-${name}`).value);
  const bit = mark === '' ? 0 : 1 << Number(mark);
  const of = mailing === '' ? undefined : new RegExp(`M${Number(mailing).toString(36)}(?![0-9a-z])`);
  list.found = [];
  for (let index = 0; index < list.addresses.length; index += 1) {
    const fits = list.addresses[index].includes(text)
      && (status === '' || contacts.now[index] === status)
      && (bit === 0 || (contacts.marks[index] & bit) !== 0)
      && (provider === '' || contacts.provider[index] === Number(provider))
      && (of === undefined || of.test(contacts.stories[index]));
    if (fits) list.found.push(index);
  }
}

function lastAnswer(told) {
  let last;
  for (const chapter of told) {
    for (const { letter, at, numbers } of chapter.tokens) {
      if ((letter === 'E' || letter === 'T') && (last === undefined || at >= last.at)) last = { at, verdict: numbers[0], mailing: data.mailings[chapter.mailing] };
    }
  }
  if (last === undefined) return [];
  const one = verdict(last.verdict);
  return [el('div', { class: 'clip' }, one.phase, ' ', el('b', {}, foreign(codeOf(one))), ' ', foreign(one.text.replaceAll('\n', ' '))), el('span', { class: 'hint' }, foreign(`rule ${one.rule}${last.mailing ? `, ${last.mailing.name}` : ''}`))];
}

function rowOf(index) {
  const { contacts, mark_words: words } = data;
  const story = chapters(contacts.stories[index]);
  const attempts = story.reduce((sum, chapter) => sum + chapter.tokens.filter(({ letter }) => letter === 'E').length, 0);
  const outcomes = words.filter((_, bit) => (contacts.marks[index] & (1 << bit)) !== 0).join(', ');
  const cell = (label, ...children) => el('td', { 'data-label': label }, ...children);
  const count = (label, value) => el('td', { class: 'num', 'data-label': label }, number(value));
  return el('tr', {},
    el('th', { scope: 'row' }, el('a', { href: `#contact-${idOf(index)}` }, foreign(addressOf(index)))),
    cell('at', foreign(data.providers[contacts.provider[index]].name)),
    cell('', foreign(statusPath(index, story))),
    cell('', outcomes),
    count('strikes', contacts.strikes[index]),
    count('attempts', attempts),
    el('td', { class: 'evidence' }, ...lastAnswer(story)));
}

function drawList() {
  const pages = Math.max(1, Math.ceil(list.found.length / PAGE));
  list.page = Math.min(list.page, pages - 1);
  const part = list.found.slice(list.page * PAGE, (list.page + 1) * PAGE);
  byId('contact-list').tBodies[0].replaceChildren(...part.map(rowOf));
  byId('found').textContent = `${counted(list.found.length, 'contact')} found${list.found.length < list.addresses.length ? ` of ${number(list.addresses.length)}` : ''}`;
  byId('page-of').textContent = `page ${number(list.page + 1)} of ${number(pages)}`;
  byId('pager').hidden = pages === 1;
  byId('page-first').disabled = byId('page-before').disabled = list.page === 0;
  byId('page-next').disabled = byId('page-last').disabled = list.page === pages - 1;
}

function findAgain() {
  list.page = 0;
  find();
  drawList();
}

function options(id, first, words, numbers) {
  const select = byId(id);
  const chosen = select.value;
  select.replaceChildren(el('option', {}, first), ...words.map((word, index) => el('option', { value: `${numbers ? numbers[index] : index}` }, word)));
  select.options[0].value = '';
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = '';
  select.onchange = findAgain;
}

// What is on the page is kept: the same filters over new data.
function startContacts() {
  if (!data.contacts || !byId('filters')) return;
  byId('filters').hidden = false;
  byId('filters').onsubmit = (event) => event.preventDefault();
  list.addresses = undefined;
  options('find-status', 'any', data.statuses);
  options('find-mark', 'any', data.mark_words);
  options('find-provider', 'all', data.providers.map(({ name }) => name));
  options('find-mailing', 'any', data.mailings.map(({ name }) => name));
  byId('find').oninput = findAgain;
  const turn = (id, page) => {
    byId(id).onclick = () => {
      list.page = page();
      drawList();
      byId('contact-list').scrollIntoView({ block: 'nearest' });
    };
  };
  turn('page-first', () => 0);
  turn('page-before', () => list.page - 1);
  turn('page-next', () => list.page + 1);
  turn('page-last', () => Infinity);
  for (const link of all('[data-of-mailing]')) {
    link.parentElement.hidden = false;
    link.onclick = () => {
      byId('find-mailing').value = link.dataset.ofMailing;
      findAgain();
    };
  }
  find();
  drawList();
}
