// Tables that sort by a click on a heading (`data-sortable`) and inputs that filter the rows of one (`data-filters`).
function sortValue(row, column) {
  const cell = row.children[column];
  const text = cell.dataset.sort ?? cell.textContent.trim();
  const plain = text.replace(/ (?=\d)/g, '');
  return plain !== '' && !Number.isNaN(Number(plain)) ? Number(plain) : text.toLowerCase();
}

function compare(one, other) {
  if (typeof one === typeof other) return one < other ? -1 : one > other ? 1 : 0;
  return typeof one === 'number' ? -1 : 1;
}

function sortBy(table, heading, column) {
  const down = heading.getAttribute('aria-sort') === 'ascending';
  all('thead th', table).forEach((other) => other.setAttribute('aria-sort', 'none'));
  heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [sortValue(row, column), row]);
  rows.sort(([one], [other]) => (down ? -1 : 1) * compare(one, other));
  body.append(...rows.map(([, row]) => row));
}

function startTables() {
  for (const table of all('table[data-sortable]')) {
    all('thead th', table).forEach((heading, column) => {
      if (heading.querySelector('button')) return;
      const button = el('button', { type: 'button', title: 'Sort by this column' }, ...heading.childNodes);
      heading.append(button);
      heading.setAttribute('aria-sort', 'none');
      button.onclick = () => sortBy(table, heading, column);
    });
  }
  for (const input of all('input[data-filters]')) {
    const table = byId(input.dataset.filters);
    const filter = () => {
      const wanted = input.value.trim().toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    };
    (input.closest('[hidden]') ?? input).hidden = false;
    input.oninput = filter;
    filter();
  }
}
