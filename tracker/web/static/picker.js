// Suggestions for fields that ask for an organization or a person: the combobox pattern of ARIA.
// The field stays an ordinary text field: without this script, or while the server does not answer,
// what was typed is resolved when the form is sent.
//
//   data-pick="URL"    on a text field: the address that answers {options: [{label, note}]} for q
//   data-none, -some   what a screen reader hears about the number of options
'use strict';

(() => {
  const TYPING_MS = 180;
  let numbers = 0;

  function enhance(input) {
    if (input.dataset.picking) return;
    input.dataset.picking = '1';
    const id = `pick-${numbers += 1}`;
    const list = document.createElement('ul');
    list.id = id;
    list.className = 'options';
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    if (label) list.setAttribute('aria-label', label.firstChild.textContent.trim());
    const said = document.createElement('p');
    said.className = 'hush';
    said.setAttribute('role', 'status');
    input.after(list, said);
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', id]]) input.setAttribute(name, value);

    let timer = 0, abort = new AbortController(), active = -1;
    const options = () => [...list.children];

    function close() {
      clearTimeout(timer);
      abort.abort();
      list.hidden = true;
      list.replaceChildren();
      said.textContent = '';
      active = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    }
    function mark(place) {
      const all = options();
      if (all[active]) all[active].removeAttribute('aria-selected');
      active = (place + all.length) % all.length;
      all[active].setAttribute('aria-selected', 'true');
      all[active].scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', all[active].id);
    }
    function take(option) {
      input.value = option.dataset.label;
      const choice = input.closest('.pick').querySelector('.candidates');
      if (choice) choice.querySelectorAll('input').forEach((one) => { one.checked = false; });
      close();
      input.dispatchEvent(new Event('input', { bubbles: true }));
      close(); // the event above is not typing
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }
    function show(found) {
      list.replaceChildren(...found.map((one, place) => {
        const option = document.createElement('li');
        option.id = `${id}-${place}`;
        option.dataset.label = one.label;
        option.setAttribute('role', 'option');
        option.textContent = one.label;
        if (one.note) {
          const note = document.createElement('span');
          note.className = 'soft';
          note.textContent = ` ${one.note}`;
          option.append(note);
        }
        return option;
      }));
      active = -1;
      input.removeAttribute('aria-activedescendant');
      list.hidden = !found.length;
      input.setAttribute('aria-expanded', String(!!found.length));
      said.textContent = found.length ? `${found.length} ${input.dataset.some}` : input.dataset.none;
    }
    async function ask() {
      const text = input.value.trim();
      abort.abort();
      if (!text) { close(); return; }
      abort = new AbortController();
      const address = new URL(input.dataset.pick, location.href);
      address.searchParams.set('q', text);
      try {
        const response = await fetch(address, { headers: { Accept: 'application/json' }, signal: abort.signal });
        const type = response.headers.get('content-type') || '';
        if (!response.ok || response.redirected || !type.includes('json')) { close(); return; }
        const answer = await response.json();
        if (document.activeElement === input && input.value.trim() === text) show(answer.options);
      } catch {
        // no answer: the field works without suggestions
      }
    }
    input.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(ask, TYPING_MS);
    });
    input.addEventListener('keydown', (event) => {
      if (event.isComposing) return;
      const all = options();
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        if (!all.length) { ask(); return; }
        mark(event.key === 'ArrowDown' ? active + 1 : active < 0 ? -1 : active - 1);
      } else if (event.key === 'Enter' && active >= 0) {
        event.preventDefault();
        take(all[active]);
      } else if (event.key === 'Escape' && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    // Before the field loses the focus, which closes the list.
    list.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const option = event.target.closest('[role=option]');
      if (option) take(option);
    });
    input.addEventListener('blur', close);
  }

  const prepare = (root) => root.querySelectorAll('[data-pick]').forEach(enhance);
  document.addEventListener('DOMContentLoaded', () => prepare(document));
  document.addEventListener('replaced', (event) => prepare(event.target), true);
})();
