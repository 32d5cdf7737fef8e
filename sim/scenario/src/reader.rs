//! Reads a map key by key and notices what nobody asked for.
//!
//! The keys come from a table of [`Field`]s, which is also what the reference pages and the suggestions are made from:
//! asking for a key that is not in the table is a bug and panics in tests.

use crate::value::unexpected;
use crate::{Definition, Field, Kind, Node, Place, Placed, Problem, Problems, suggestion};

/// A map that is being read. Call [`Reader::finish`] in the end, which reports the keys that are in no table.
#[derive(Debug)]
pub struct Reader<'a> {
    what: String,
    fields: &'static [Field],
    others: Vec<&'static str>,
    ignored: Option<&'static str>,
    place: Place,
    entries: &'a [(Placed<String>, Node)],
    problems: &'a mut Problems,
}

impl<'a> Reader<'a> {
    /// Starts reading `node`, which is called `what` in messages (`a provider`) and may have the keys in `fields`.
    /// Nothing counts as an empty map. Reports a problem and gives `None` if it is something else.
    pub fn new(
        what: &str,
        fields: &'static [Field],
        node: &'a Node,
        problems: &'a mut Problems,
    ) -> Option<Self> {
        let entries = match &node.kind {
            Kind::Map(entries) => entries.as_slice(),
            Kind::Scalar { .. } if node.is_missing() => &[],
            Kind::Scalar { .. } | Kind::List(_) => {
                problems.push(not_a_map(what, fields, node));
                return None;
            }
        };
        let what = what.to_owned();
        Some(Self { what, fields, others: Vec::new(), ignored: None, place: node.place, entries, problems })
    }

    /// Starts reading the settings of a behaviour that is written as a map.
    pub fn of(definition: &Definition, node: &'a Node, problems: &'a mut Problems) -> Option<Self> {
        Self::new(&format!("`{}`", definition.key), definition.fields, node, problems)
    }

    /// Where the map stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Where further problems go.
    pub fn problems(&mut self) -> &mut Problems {
        self.problems
    }

    /// The value of a key as it was written; `None` if it is missing.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        debug_assert!(self.fields.iter().any(|field| field.name == key), "`{key}` is in no table");
        self.entries.iter().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }

    /// The value of a key that must be there. `None` if it is missing or wrong; the problem has been reported.
    pub fn required<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'a Node, &mut Problems) -> Option<T>,
    ) -> Option<T> {
        if let Some(node) = self.node(key) {
            return read(node, self.problems);
        }
        self.needs(key);
        None
    }

    /// The value of a key that may be there. `None` if it is missing, or if it is wrong and has been reported.
    pub fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'a Node, &mut Problems) -> Option<T>,
    ) -> Option<T> {
        self.node(key).and_then(|node| read(node, self.problems))
    }

    /// Reports that `key` is missing: for keys that are needed only together with others.
    pub fn needs(&mut self, key: &str) {
        let kind = self.fields.iter().find(|field| field.name == key).map_or("value", |field| field.kind);
        self.problems.push(
            Problem::at(self.place, format!("{} needs `{key}`", self.what), format!("`{key}` is missing"))
                .help(format!("add `{key}: <{kind}>`")),
        );
    }

    /// The entries whose key is one of `keys`, which another table defines; they count as known from now on.
    pub fn others(&mut self, keys: &[&'static str]) -> Vec<&'a (Placed<String>, Node)> {
        self.others.extend(keys);
        self.entries.iter().filter(|(key, _)| keys.contains(&key.value.as_str())).collect()
    }

    /// Passes over keys that begin with `prefix`.
    pub fn ignore(&mut self, prefix: &'static str) {
        self.ignored = Some(prefix);
    }

    /// Reports every key that is in no table.
    pub fn finish(self) {
        let own = self.fields.iter().map(|field| field.name);
        let known: Vec<&str> = own.chain(self.others.iter().copied()).collect();
        for (key, value) in self.entries {
            let ignored = self.ignored.is_some_and(|prefix| key.value.starts_with(prefix));
            if !ignored && !known.contains(&key.value.as_str()) {
                self.problems.push(unknown(key, value, &self.what, &known));
            }
        }
    }
}

fn unknown(key: &Placed<String>, value: &Node, what: &str, known: &[&str]) -> Problem {
    let problem = Problem::at(key.place, format!("unknown key `{}` in {what}", key.value), "not a key here");
    let suggestion = suggestion(&key.value, known, "the keys");
    // Slips within braces become keys without a value.
    match value.is_missing() {
        // `{ wait 5m }`, `{ wait:5m }`
        true if key.value.contains([' ', ':']) => {
            problem.help("write `key: value`, with a space after the colon")
        }
        // `{ text: try later, please }`
        true => problem.help(format!("{suggestion}; a text that contains a comma must stand in quotes")),
        false => problem.help(suggestion),
    }
}

fn not_a_map(what: &str, fields: &[Field], node: &Node) -> Problem {
    let keys: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    let help = format!("write `key: value`, with a space after the colon; the keys: {}", keys.join(", "));
    unexpected(node, &format!("the keys of {what}"), &help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{required, with_default};
    use crate::{Source, Style, render, tree, value};

    const GREYLIST: Definition = Definition {
        key: "greylist",
        about: "Refuses a triplet until it has waited.",
        kind: "map",
        fields: &[
            required("wait", "duration", "How long."),
            with_default("remember", "duration", "How long.", "35d"),
        ],
        example: "greylist: { wait: 5m }",
    };

    fn check(text: &str, expected: &str) {
        let source = Source::new("file.yaml", text);
        let node = tree(&source).expect(text);
        let mut problems = Problems::new();
        if let Some(mut reader) = Reader::of(&GREYLIST, &node, &mut problems) {
            reader.required("wait", value::duration);
            reader.optional("remember", value::duration);
            assert_eq!(reader.others(&["mailboxes"]).len(), usize::from(text.contains("mailboxes:")));
            reader.ignore("x_");
            reader.finish();
        }
        let shown = render(&source, &problems.into_sorted(), Style::Plain);
        assert_eq!(shown.trim_end(), expected.trim_matches('\n'), "{text}\n{shown}");
    }

    #[test]
    fn what_is_known_is_read() {
        check("wait: 5m", "");
        check("{ wait: 5m, remember: 1d, mailboxes: 1, x_note: 2 }", "");
    }

    #[test]
    fn an_unknown_key_is_reported_with_the_nearest_one() {
        check(
            "wiat: 5m\nwait: 5m",
            "
error: unknown key `wiat` in `greylist`
 --> file.yaml:1:1
  |
1 | wiat: 5m
  | ^^^^ not a key here
  |
  = help: did you mean `wait`? the keys: `wait`, `remember`, `mailboxes`",
        );
        check(
            "{ wait: 5m, remember:1d }",
            "
error: unknown key `remember:1d` in `greylist`
 --> file.yaml:1:13
  |
1 | { wait: 5m, remember:1d }
  |             ^^^^^^^^^^^ not a key here
  |
  = help: write `key: value`, with a space after the colon",
        );
    }

    #[test]
    fn a_missing_key_is_reported_with_what_to_write() {
        check(
            "{}",
            "
error: `greylist` needs `wait`
 --> file.yaml:1:1
  |
1 | {}
  | ^^ `wait` is missing
  |
  = help: add `wait: <duration>`",
        );
    }

    #[test]
    fn something_else_than_a_map_is_reported() {
        check(
            "5m",
            "
error: expected the keys of `greylist`, found `5m`
 --> file.yaml:1:1
  |
1 | 5m
  | ^^ not the keys of `greylist`
  |
  = help: write `key: value`, with a space after the colon; the keys: `wait`, `remember`",
        );
    }

    #[test]
    #[should_panic(expected = "`wiat` is in no table")]
    fn asking_for_a_key_that_is_in_no_table_is_a_bug() {
        let node = tree(&Source::new("file.yaml", "{}")).expect("a map");
        let mut problems = Problems::new();
        let _ = Reader::of(&GREYLIST, &node, &mut problems).expect("a map").optional("wiat", value::duration);
    }
}
