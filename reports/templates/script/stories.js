// Stories as the data has them, read back into chapters and moments; the letters are those of `html/contacts/encode.rs`.
const base36 = (text) => parseInt(text, 36);

// All tokens of a story: its letter, the time in milliseconds, further numbers.
function tokens(text) {
  let now = 0;
  return [...text.matchAll(/([A-Z])([^A-Z]*)/g)].map(([, letter, rest]) => {
    const numbers = rest.split('.').map(base36);
    if (!'MNU'.includes(letter)) {
      now += numbers.shift();
    }
    return { letter, at: now, numbers };
  });
}

// The chapters: a mailing each, or what happened apart from any.
function chapters(text) {
  const found = [];
  for (const token of tokens(text)) {
    if ('MNU'.includes(token.letter)) {
      found.push({ letter: token.letter, mailing: token.letter === 'M' ? token.numbers[0] : undefined, tokens: [] });
    } else {
      found.at(-1).tokens.push(token);
    }
  }
  for (const chapter of found) {
    const selected = chapter.tokens.find((token) => token.letter === 'S');
    const mailing = data.mailings[chapter.mailing];
    chapter.start = selected ? selected.at : mailing ? mailing.start : 0;
    chapter.moments = fold(moments(chapter.tokens));
  }
  return found;
}

// Begin and end of an attempt brought together, with what the server saw of it.
function moments(all) {
  const found = [];
  let open;
  for (const token of all) {
    const { letter, at, numbers } = token;
    if (letter === 'B') {
      open = { kind: 'attempt', at, number: numbers[0], connection: numbers[1], seen: [] };
      found.push(open);
    } else if ((letter === 'E' || letter === 'T') && open && open.ended === undefined) {
      Object.assign(open, { ended: at, verdict: numbers[0], counts: letter === 'E' });
      if (numbers.length > 1) open.retry = at + numbers[1];
    } else if (letter === 'R' && open && (open.ended === undefined || at <= open.ended)) {
      open.seen.push(token);
    } else {
      found.push({ kind: letter, ...token });
    }
  }
  return found;
}

// Throttled attempts with the same answer: two are told, the others counted.
function fold(all) {
  const found = [];
  let alike = 0;
  let last;
  for (const one of all) {
    const throttled = one.kind === 'attempt' && one.ended !== undefined && !one.counts ? one.verdict : undefined;
    alike = throttled !== undefined && throttled === last ? alike + 1 : 0;
    last = throttled;
    if (alike > 2) {
      Object.assign(found.at(-1), { count: found.at(-1).count + 1, until: one.ended });
    } else if (alike === 2) {
      found.push({ kind: 'repeated', at: one.at, until: one.ended, count: 1 });
    } else {
      found.push(one);
    }
  }
  return found;
}

// A verdict by its number in the data.
function verdict(id) {
  const [judgement, text] = data.verdicts[id];
  const [phase, code, enhanced, kind, category, scope, action, wait, rule, reason, help] = data.judgements[judgement];
  return { phase, code, enhanced, kind, category, scope, action, wait, rule, reason, help, text };
}

const inkOfClass = (kind) => ({ delivered: 'g', hard: 'b' })[kind] ?? 'c';

// The steps of a contact from status to status.
function statusPath(index, told) {
  const { statuses, changes, contacts } = data;
  let text = statuses[contacts.before[index]];
  for (const chapter of told) {
    for (const { letter, at, numbers } of chapter.tokens) {
      if (letter !== 'C' || numbers[0] === numbers[1]) continue;
      const why = changes[numbers[2]].replace(/^[^:]*: /, '');
      const mailing = data.mailings[chapter.mailing];
      text += ` -> ${statuses[numbers[1]]} at ${span(at)} (${why}${mailing ? `, ${mailing.name}` : ''})`;
    }
  }
  return text;
}
