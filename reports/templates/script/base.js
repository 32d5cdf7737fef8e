// What all parts share: the data of the page, elements, numbers. Foreign text becomes text nodes and nothing else.
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

let data = {};

function readData(text) {
  try {
    data = text ? JSON.parse(text) : {};
  } catch {
    data = {};
  }
}

function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined && value !== '') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

// Foreign text must not turn the direction of what stands beside it.
const foreign = (text) => el('bdi', {}, text);

// 512340 as in every report: "512 340".
const number = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
const counted = (count, noun) => `${number(count)} ${count === 1 ? noun : noun + 's'}`;

// The share of a whole in tenths of a per cent, rounded down: 100 % is all, 0 % is nobody.
function percent(part, whole) {
  const tenths = whole > 0 ? Math.floor((part * 1000) / whole) : 0;
  if (part === 0) return '0 %';
  if (tenths === 0) return '< 0.1 %';
  return tenths % 10 === 0 ? `${tenths / 10} %` : `${Math.floor(tenths / 10)}.${tenths % 10} %`;
}

// A duration as scenarios write it: "29h30m", "132ms".
function span(millis) {
  const seconds = Math.floor(millis / 1000);
  const parts = [[Math.floor(seconds / 3600), 'h'], [Math.floor(seconds / 60) % 60, 'm'], [seconds % 60, 's']];
  const text = parts.filter(([count]) => count > 0).map(([count, unit]) => count + unit).join('');
  return text || (millis > 0 ? `${millis}ms` : '0h');
}

const two = (count) => String(count).padStart(2, '0');

// A moment within a time line: "+29:30:00.050".
function offset(millis) {
  const seconds = Math.floor(millis / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `+${clock}.${String(millis % 1000).padStart(3, '0')}`;
}

// The same without what is below a second, if there is nothing: "+06:15".
function moment(millis) {
  const seconds = Math.floor(millis / 1000);
  const text = `+${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  if (seconds > 0 && seconds < 60 * 60 || seconds % 60) return `${text}:${two(seconds % 60)}`;
  return millis > 0 && seconds === 0 ? offset(millis) : text;
}

function copyButtons() {
  if (!navigator.clipboard) return;
  for (const button of all('[data-copy]')) {
    button.hidden = false;
    button.onclick = async () => {
      await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    };
  }
}
