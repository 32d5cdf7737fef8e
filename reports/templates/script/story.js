// The story of one contact, attempt by attempt, drawn when it is asked for.
const inked = (text) => el('span', { class: `ink-${text[0]}` }, foreign(text.slice(1)));
const line = (...children) => el('p', {}, ...children);

function link(url, words) {
  return el('a', { href: url, rel: 'noreferrer noopener', target: '_blank' }, words);
}

const codeOf = (one) => [one.code, one.enhanced].filter((part) => part !== '').join(' ');

function judged(one) {
  const code = codeOf(one);
  const words = [one.kind, one.category].filter((part) => part !== '').join(', ');
  return [one.phase, ' ', code && el('b', {}, foreign(code)), code && ' ', el('span', { class: `ink-${inkOfClass(one.kind)}` }, foreign(words))];
}

function reply(one) {
  return one.text && el('q', { class: 'reply' }, foreign(one.text));
}

// The words of a connection; those that were said during the attempt are marked.
function dialogue(provider, { connection, at: from, ended }) {
  const found = data.dialogues?.[`${provider}.${connection}`];
  if (!found) {
    const why = data.dialogues_left_out > 0 ? 'not in this page, or the run did not keep it' : 'not kept by the run';
    return line(el('span', { class: 'hint' }, `the dialogue of this connection is ${why}`));
  }
  const begin = found.lines.length > 0 ? found.lines[0][0] : 0;
  const lines = found.lines.map(([at, voice, text]) => {
    const [mark, cls] = { C: ['C:', 'client'], S: ['S:', 'server-line'], N: ['--', 'note-line'] }[voice];
    const own = at >= from && (ended === undefined || at <= ended) ? ' own' : '';
    return el('li', { class: cls + own }, el('span', { class: 'time' }, offset(at - begin)), el('span', {}, mark), foreign(text));
  });
  const cut = found.cut ? line(el('span', { class: 'hint' }, 'The dialogue is cut here; it went on.')) : undefined;
  return el('details', { class: 'dialogue' }, el('summary', {}, `The dialogue of connection ${number(connection)}`), el('ol', {}, ...lines), cut);
}

function isOn(one, at) {
  if (at < one.from || (one.until !== undefined && at >= one.until)) return false;
  return one.every === undefined || (at - one.from) % Math.max(one.every, 1) < one.lasts;
}

function circumstances(provider, at, due) {
  const told = [];
  if (due !== undefined && at - due >= 1000) told.push(`begun ${span(at - due)} after it was due`);
  for (const one of data.spans) {
    if ((one.provider === undefined || one.provider === provider) && isOn(one, at)) told.push(`during ${one.words}`);
  }
  return told.map((text) => line(el('span', { class: 'ink-d' }, foreign(text))));
}

function attempt(one, chapter, provider, due) {
  const seen = one.seen.map(({ numbers }) => el('p', { class: 'server' }, inked(data.seen[numbers[0]])));
  const connection = one.connection === 0 ? 'no connection' : `connection ${number(one.connection)}`;
  const talk = one.connection === 0 ? undefined : dialogue(provider, one);
  if (one.ended === undefined) {
    const text = `attempt ${one.number}, ${connection}: `;
    return [line(text, el('span', { class: 'ink-c' }, 'begun, and no end of it in the ledger')), ...seen, talk];
  }
  const found = verdict(one.verdict);
  const again = found.kind === 'again' ? 'not counted, tried again at once' : 'throttled, not counted';
  const called = one.counts ? `attempt ${one.number}` : again;
  const help = found.code && found.kind !== 'delivered' ? found.help || data.providers[provider].help : '';
  const took = one.ended > one.at ? `; took ${span(one.ended - one.at)}` : '';
  const about = found.scope ? `, about the ${found.scope}` : '';
  const wait = found.wait ? ` ${found.wait}` : '';
  return [
    line(el('b', {}, called), `, ${connection}: `, ...judged(found)),
    reply(found),
    found.reason && found.kind !== 'delivered' ? line(foreign(found.reason)) : undefined,
    help ? line(link(help, 'the page about such codes')) : undefined,
    line(el('span', { class: 'ink-d' }, foreign(`${found.action}${wait} by rule ${found.rule}${about}${took}`))),
    one.retry === undefined ? undefined : line(`again at ${span(one.retry - chapter.start)}`),
    ...seen,
    ...circumstances(provider, one.at, due),
    talk,
  ];
}

function settled([outcome, cause]) {
  const inks = ['g', 'c', 'b', 'c', 'c'];
  const because = cause === 0 ? '' : `: ${data.causes[cause]}`;
  return [line('settled ', el('b', { class: `ink-${inks[outcome]}` }, data.outcomes[outcome] + because))];
}

function cameBack([what, id]) {
  const words = line('came back: ', foreign(data.feedback[what]));
  if (id === undefined) return [words];
  const one = verdict(id);
  return [words, line(...judged(one)), reply(one), one.reason ? line(foreign(one.reason)) : undefined, line(el('span', { class: 'ink-d' }, foreign(`by rule ${one.rule}, about the ${one.scope}`)))];
}

function changed(one, contact) {
  const [before, after, words] = one.numbers;
  const asked = data.reactivations.find((asked) => asked.contact === contact && asked.at === one.at);
  const who = asked ? `; asked by ${asked.by}: ${asked.why}` : '';
  return [line('contact ', el(before === after ? 'span' : 'b', {}, foreign(data.changes[words] + who)))];
}

function told(one, chapter, { provider, contact, due }) {
  switch (one.kind) {
    case 'attempt': return attempt(one, chapter, provider, due);
    case 'repeated': return [line(`… the same ${counted(one.count, 'time')} more, until ${offset(one.until - chapter.start)}`)];
    case 'S': return [line('selected')];
    case 'X': return [line('left out: ', el('b', { class: 'ink-c' }, data.reasons[one.numbers[0]]))];
    case 'O': return settled(one.numbers);
    case 'F': return cameBack(one.numbers);
    case 'C': return changed(one, contact);
    case 'R': return [line('server only: ', el('span', { class: 'ink-b' }, inked(data.seen[one.numbers[0]])))];
    case 'Q': return [line(inked(data.happenings[one.numbers[0]]), el('span', { class: 'hint' }, ' which no sender can see'))];
    default: return [line(el('span', { class: 'ink-b' }, 'the end of an attempt that was not begun'))];
  }
}

function chapterElement(chapter, provider, contact) {
  const mailing = data.mailings[chapter.mailing];
  const title = mailing ? foreign(mailing.name) : { N: 'Apart from any mailing', U: 'Receipts of the fleet that the ledger does not explain' }[chapter.letter];
  const from = chapter.start > 0 ? `times count from its start for this recipient, ${span(chapter.start)}` : '';
  let due = chapter.start;
  const items = chapter.moments.map((one) => {
    const parts = told(one, chapter, { provider, contact, due });
    if (one.kind === 'attempt' && one.counts) due = one.retry;
    const time = one.at >= chapter.start ? offset(one.at - chapter.start) : `before the start`;
    return el('li', {}, el('span', { class: 'time' }, time), el('div', {}, ...parts));
  });
  return el('section', { class: 'chapter' }, el('h3', {}, title, ' ', mailing ? el('span', { class: 'tag' }, `${mailing.kind} mailing`) : ''), from && el('p', { class: 'hint' }, from), el('ol', { class: 'moments' }, ...items));
}

function showStory(contact) {
  byId('contact').hidden = false;
  const box = byId('story');
  const index = data.contacts ? indexOf(contact) : -1;
  if (index < 0) {
    byId('contact-crumb').textContent = byId('contact-title').textContent = `Contact ${number(contact)}`;
    box.replaceChildren(line('The story of this contact is not in this page; the record has it: bouncelab explain tells it.'));
    return;
  }
  const address = addressOf(index);
  const provider = data.contacts.provider[index];
  const { name, profile, help } = data.providers[provider];
  const chapterList = chapters(data.contacts.stories[index]);
  byId('contact-crumb').textContent = address;
  byId('contact-title').replaceChildren(foreign(address));
  const listed = data.contacts.listed[index];
  const strikes = data.contacts.strikes[index];
  box.replaceChildren(
    line(el('span', { class: 'path' }, foreign(statusPath(index, chapterList)))),
    line('at ', foreign(name), profile && profile !== name ? ', answers like ' : '', profile && profile !== name ? foreign(profile) : '', help && '; ', help && link(help, 'its page about its codes'), listed > 1 ? `; listed ${number(listed)} times` : '', strikes > 0 ? `; ${counted(strikes, 'soft bounce')} in a row` : ''),
    ...chapterList.map((chapter) => chapterElement(chapter, provider, contact)),
    chapterList.length === 0 ? line('Nothing happened to this contact: no mailing selected it or left it out.') : '',
  );
}
