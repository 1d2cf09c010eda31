// Replaces one part of a page instead of loading the whole page. Without this script every link
// and form still works, as a link or a form.
//
//   data-replace="ID"   on a link, a GET form, a field or the part itself: ask the server, then put
//                       the element with this id from the answer in place of the one on the page
//   data-extend="ID"    on a link in a list: put the items of that list in place of the link's item
//   data-from="URL"     ask this address instead of the link's or the form's own
//   data-every="N"      on a part: ask again every N seconds, as long as the answer says so too
//
// A link asks when it is clicked. A form asks when it is submitted, when a field changes, and while
// somebody types into a search field. A field sends its whole form along.
//
// Each part that arrives gets the event "replaced", which bubbles.
'use strict';

(() => {
  const TYPING_MS = 300;
  const NEVER_SENT = new Set(['csrf', 'password']);
  const newest = new Map(); // id of a part -> { address, abort } of its newest request
  let typing = 0;

  class Failure extends Error {
    constructor(status, title) {
      super(title);
      this.status = status;
    }
  }

  async function load(id, address, signal) {
    const headers = { Accept: 'text/html, application/json', 'X-Part': '1' };
    const response = await fetch(address, { headers, signal });
    const text = await response.text();
    if (response.redirected && new URL(response.url).pathname === '/login') throw new Failure(401, '');
    if (!response.ok) {
      let title = '';
      try { title = JSON.parse(text).title || ''; } catch { /* not a problem document */ }
      throw new Failure(response.status, title);
    }
    const part = new DOMParser().parseFromString(text, 'text/html').getElementById(id);
    if (!part) throw new Failure(response.status, '');
    return part;
  }

  // A newer request for the same part cancels the older one, so that answers cannot arrive in the
  // wrong order. Returns true when the part was replaced.
  async function request(id, address, { control = null, extend = false, quiet = false } = {}) {
    const part = document.getElementById(id);
    newest.get(id)?.abort.abort();
    const current = { address, abort: new AbortController() };
    newest.set(id, current);
    if (!quiet) part.setAttribute('aria-busy', 'true');
    const before = new Map(fields(part).map((field) => [field, valueOf(field)]));
    let fresh;
    try {
      fresh = await load(id, address, current.abort.signal);
    } catch (error) {
      if (newest.get(id) !== current) return false;
      newest.delete(id);
      part.removeAttribute('aria-busy');
      fail(extend ? control : part, error, control, () => request(id, address, { control, extend, quiet }));
      return false;
    }
    if (newest.get(id) !== current) return false;
    part.removeAttribute('aria-busy');
    showFailure(extend ? control : part, '');
    if (extend) extendList(control, fresh);
    else swap(part, fresh, before, control);
    return true;
  }

  function swap(part, fresh, before, control) {
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const left = control && part.contains(control) ? control : focused;
    const selection = focused && [focused.selectionStart, focused.selectionEnd];
    part.replaceWith(fresh);
    keepTyped(before, fresh);
    if (left) restoreFocus(left, selection, fresh);
    arrived(fresh);
  }

  function extendList(link, fresh) {
    const items = [...fresh.children];
    link.closest('li').replaceWith(...items);
    items.forEach(arrived);
    items[0]?.querySelector('a')?.focus();
  }

  function arrived(part) {
    part.dispatchEvent(new Event('replaced', { bubbles: true }));
    poll(part);
  }

  // What was typed while the request was under way belongs to the person, not to the answer.
  function keepTyped(before, fresh) {
    for (const [field, value] of before) {
      const now = valueOf(field);
      if (now === value) continue;
      const match = counterpart(field, fresh);
      if (!match) continue;
      if (typeof now === 'boolean') match.checked = now;
      else match.value = now;
    }
  }

  const fields = (part) => [...part.querySelectorAll('input, select, textarea')].filter(
    (field) => field.name && !['hidden', 'file', 'submit', 'button'].includes(field.type));
  const isTick = (field) => field.type === 'checkbox' || field.type === 'radio';
  const valueOf = (field) => (isTick(field) ? field.checked : field.value);

  // The element of the answer that plays the same role: the same id, else the same field.
  function counterpart(element, fresh) {
    if (element.id) return fresh.querySelector('#' + CSS.escape(element.id));
    return fields(fresh).find((field) => field.name === element.name && (!isTick(field) || field.value === element.value));
  }

  // The keyboard stays where it was; when its place is gone, it goes to the top of the new part.
  function restoreFocus(left, selection, fresh) {
    const match = counterpart(left, fresh);
    if (!match) {
      fresh.tabIndex = -1;
      fresh.focus({ preventScroll: true });
      fresh.scrollIntoView({ block: 'start' });
      return;
    }
    match.focus({ preventScroll: true });
    if (selection && typeof selection[0] === 'number') match.setSelectionRange(...selection);
  }

  // Where the session has ended, the whole page goes to sign-in and comes back; drafts.js keeps what
  // was typed. Only a browser that cannot keep it leaves the moment to the user.
  function fail(place, error, control, again) {
    const words = document.body.dataset;
    if (error.status !== 401) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'link';
      button.textContent = words.again;
      button.addEventListener('click', again);
      showFailure(place, (error instanceof Failure && error.message) || words.failed, button);
    } else if (control?.form?.method === 'post' && !drafts.store.works) {
      const link = document.createElement('a');
      link.href = drafts.signInAddress();
      link.textContent = words.login;
      showFailure(place, words.expired, link);
    } else {
      location.assign(drafts.signInAddress());
    }
  }

  // Shows one message before a place; an empty text takes the message away. The same message stays,
  // so that a screen reader does not read it again at every attempt.
  function showFailure(place, text, action) {
    const above = place.previousElementSibling;
    const shown = above && 'failure' in above.dataset ? above : null;
    if (text && shown?.firstChild.textContent === text) {
      shown.lastChild.replaceWith(action);
      return;
    }
    shown?.remove();
    if (!text) return;
    const message = document.createElement('p');
    message.className = 'notice bad';
    message.setAttribute('role', 'alert');
    message.dataset.failure = '';
    message.append(text, ' ', action);
    place.before(message);
  }

  function poll(part) {
    const seconds = Number(part.dataset.every);
    if (!seconds) return;
    setTimeout(async () => {
      if (!part.isConnected) return;
      const replaced = await request(part.id, part.dataset.from, { quiet: true });
      if (!replaced) poll(part);
    }, seconds * 1000);
  }

  function addressOf(form, from) {
    const sent = [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && !NEVER_SENT.has(name));
    return `${from || form.getAttribute('action') || location.pathname}?${new URLSearchParams(sent)}`;
  }

  // The address bar names what a search shows, so that it can be reloaded, shared and gone back to.
  async function search(form, { repeat = false } = {}) {
    clearTimeout(typing);
    const id = form.dataset.replace;
    const address = addressOf(form, form.dataset.from);
    if (!repeat && newest.get(id)?.address === address) return;
    const replaced = await request(id, address, { control: form });
    if (!replaced || address === location.pathname + location.search) return;
    history.replaceState({ replaced: true }, '');
    history.pushState({ replaced: true }, '', address);
  }
  window.addEventListener('popstate', (event) => {
    if (event.state?.replaced) location.reload();
  });

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-replace], a[data-extend]');
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.defaultPrevented) return;
    const { replace, extend, from } = link.dataset;
    if (!document.getElementById(replace || extend)) return;
    event.preventDefault();
    request(replace || extend, from || link.getAttribute('href'), { control: link, extend: Boolean(extend) });
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.dataset.replace || event.defaultPrevented) return;
    event.preventDefault();
    search(event.target, { repeat: true });
  });
  document.addEventListener('change', ({ target }) => {
    if (!target.form) return;
    if (target.dataset.replace) request(target.dataset.replace, addressOf(target.form, target.dataset.from), { control: target });
    else if (target.form.dataset.replace) search(target.form);
  });
  document.addEventListener('input', ({ target }) => {
    if (target.type !== 'search' || !target.form?.dataset.replace) return;
    clearTimeout(typing);
    typing = setTimeout(search, TYPING_MS, target.form);
  });
  document.querySelectorAll('[data-every]').forEach(poll);
})();
