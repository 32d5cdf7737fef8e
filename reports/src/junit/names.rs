//! Names of suites, classes and cases that every reader takes apart in the same way.

use std::collections::BTreeSet;

use crate::foreign::clean;

/// The names given so far, so that none is given twice.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeSet<(String, String)>,
}

impl Names {
    /// `name`, or `name (2)` and so on if the class has such a case already.
    pub(super) fn unique(&mut self, class: &str, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut count = 1;
        while !self.given.insert((class.to_owned(), unique.clone())) {
            count += 1;
            unique = format!("{name} ({count})");
        }
        unique
    }
}

/// The path without suffix: `scenarios/gmail/greylist`.
pub(super) fn suite_name(file: &str) -> String {
    folders(file).join("/")
}

/// The path without suffix, dotted, and without any other dot: `scenarios.gmail.greylist`.
pub(super) fn class_name(file: &str) -> String {
    folders(file).iter().map(|folder| folder.replace('.', "-")).collect::<Vec<_>>().join(".")
}

/// The parts of a path that name something, the last one without its suffix.
fn folders(file: &str) -> Vec<String> {
    let file = clean(file);
    let parts = file.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let mut parts: Vec<_> = parts.map(str::to_owned).collect();
    match parts.last_mut() {
        Some(last) => *last = without_suffix(last).to_owned(),
        None => parts.push("scenario".to_owned()),
    }
    parts
}

fn without_suffix(name: &str) -> &str {
    let bare = [".yaml", ".yml"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let bare = bare.strip_suffix(".bouncelab").unwrap_or(bare);
    if bare.is_empty() { name } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_dots_between_folders_only() {
        let check = |file, class| assert_eq!(class_name(file), class);
        check("scenarios/gmail/greylist.yaml", "scenarios.gmail.greylist");
        check("./scenarios/v1.2/a.b.bouncelab.yaml", "scenarios.v1-2.a-b");
        check("../x.yml", "x");
        check("C:\\work\\x.yaml", "C:.work.x");
        check("/tmp/.hidden", "tmp.-hidden");
        check("", "scenario");
        check(".yaml", "-yaml");
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        let mut given = |name| names.unique("a", name);
        assert_eq!(given("x (2)"), "x (2)");
        assert_eq!(given("x"), "x");
        assert_eq!(given("x"), "x (3)");
        assert_eq!(given("x"), "x (4)");
        assert_eq!(names.unique("b", "x"), "x");
    }
}
