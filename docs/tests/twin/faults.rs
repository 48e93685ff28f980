//! Wrong models, each a small edit of the model, with the scenario that notices it.

/// An edit of the model.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// The scenario that notices it.
    pub(crate) caught_by: &'static str,
    /// The text to replace, which is in the model once.
    right: &'static str,
    wrong: &'static str,
}

impl Fault {
    /// Returns the model with this fault.
    pub(crate) fn plant(&self, model: &str) -> anyhow::Result<String> {
        let found = model.matches(self.right).count();
        anyhow::ensure!(found == 1, "{}: {found} places to edit", self.name);
        Ok(model.replace(self.right, self.wrong))
    }
}

const fn fault(
    name: &'static str,
    caught_by: &'static str,
    right: &'static str,
    wrong: &'static str,
) -> Fault {
    Fault {
        name,
        caught_by,
        right,
        wrong,
    }
}

pub(crate) const FAULTS: [Fault; 21] = [
    fault(
        "the callback ignores the mask",
        "filter",
        "if (events && !(events & mask)) {",
        "if (false) {",
    ),
    fault(
        "the callback ignores that the mask is empty",
        "oneshot",
        "item.mask &= PRIVATE;",
        "item.mask &= ~IN;",
    ),
    fault(
        "an arrival puts the entry in front",
        "callback",
        "    ep.ready.push(key);\n    note(k, 'ep_poll_callback'",
        "    ep.ready.unshift(key);\n    note(k, 'ep_poll_callback'",
    ),
    fault(
        "an entry is on the list twice",
        "callback",
        "  if (ep.ready.includes(key)) {",
        "  if (false) {",
    ),
    fault(
        "a partial read re-arms an edge",
        "read-once",
        "  if (got) return got;\n  if (file.kind === 'tcp'",
        "  if (got && queued(file)) wake(k, file, IN);\n  if (got) return got;\n  if (file.kind === 'tcp'",
    ),
    fault(
        "level-triggered, an entry is not queued again",
        "level-and-edge",
        "again.push(key);",
        "",
    ),
    fault(
        "edge-triggered, an entry is queued again",
        "level-and-edge",
        "} else if (!(item.mask & ET)) {",
        "} else if (true) {",
    ),
    fault(
        "what was reported is queued in front of what did not fit",
        "turns",
        "ep.ready = [...scan, ...again];",
        "ep.ready = [...again, ...scan];",
    ),
    fault(
        "what did not fit is lost",
        "turns",
        "ep.ready = [...scan, ...again];",
        "ep.ready = again;",
    ),
    fault(
        "a wait does not ask again",
        "before",
        "    const found = ask(k, k.s.files[item.file]) & item.mask;\n    k.cost.asked++;",
        "    const found = IN & item.mask;\n    k.cost.asked++;",
    ),
    fault(
        "a registration does not ask",
        "before",
        "    return lookOnce(k, ep, key, 'ep_insert');",
        "    return null;",
    ),
    fault(
        "a change of the mask does not ask",
        "oneshot",
        "  return lookOnce(k, ep, key, 'ep_modify');",
        "  return null;",
    ),
    fault(
        "one shot is forever",
        "oneshot",
        "if (item.mask & ONESHOT) {",
        "if (false) {",
    ),
    fault(
        "an exclusive wake-up wakes all",
        "exclusive",
        "if (entry.exclusive && woke && !all) break;",
        "",
    ),
    fault(
        "every wake-up wakes one",
        "herd",
        "if (entry.exclusive && woke && !all) break;",
        "if (woke && !all) break;",
    ),
    fault(
        "an exclusive entry is in front",
        "exclusive",
        "(entry.exclusive ? file.waiters.push(entry) : file.waiters.unshift(entry))",
        "file.waiters.unshift(entry)",
    ),
    fault(
        "hooks are called in the order of registration",
        "two-numbers",
        ": file.waiters.unshift(entry))",
        ": file.waiters.push(entry))",
    ),
    fault(
        "the entry goes with the number",
        "dup-and-close",
        "  if (isOpen(k, file)) note(",
        "  if (isOpen(k, file)) file.waiters.forEach((w) => forget(k, k.s.files[w.epoll], w.item));\n  if (isOpen(k, file)) note(",
    ),
    fault(
        "the key of an entry is the number alone",
        "dup-and-close",
        "key = `${file.id}/${fd}`, item",
        "key = Object.keys(ep.items).find((one) => one.endsWith(`/${fd}`)) ?? `${file.id}/${fd}`, item",
    ),
    fault(
        "those that sleep are not woken when entries are left",
        "waiters",
        "  if (ep.ready.length) wakeOne(k, ep);",
        "",
    ),
    fault(
        "a program is not woken by its own shutdown",
        "own-end",
        "  wake(k, file, 0, true);\n  if (isTcp",
        "  if (isTcp",
    ),
];
