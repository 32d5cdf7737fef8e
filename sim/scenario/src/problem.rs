//! What is wrong with a file, where, and what to do about it.
//!
//! One wording for everything: the message is a lower-case fragment that names things in the author's words, the label
//! stands beside the caret, the help says how to repair it. How they look is [`crate::render`]'s business.

use crate::Place;

/// Something that keeps a file from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong: a lower-case fragment without full stop.
    pub message: String,
    /// Where; `None` if it concerns the file as a whole.
    pub place: Option<Place>,
    /// The words beside the caret; may be empty.
    pub label: String,
    /// The repair.
    pub help: Option<String>,
    /// Other places that have to do with it, and what to say there.
    pub also: Vec<(Place, String)>,
}

impl Problem {
    /// A problem of the file as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, label: String::new(), help: None, also: Vec::new() }
    }

    /// A problem of one place, with the words beside the caret.
    pub fn at(place: Place, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { place: Some(place), label: label.into(), ..Self::new(message) }
    }

    /// With a repair.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// With another place that has to do with it.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.also.push((place, label.into()));
        self
    }
}

/// All problems found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them in the order of the file, those of the whole file first. What was found twice, because an alias
    /// repeats its anchor, is listed once.
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut all = self.0;
        all.sort_by_key(|problem| problem.place);
        let mut unique: Vec<Problem> = Vec::with_capacity(all.len());
        for problem in all {
            let at_this_place = unique.iter().rev().take_while(|other| other.place == problem.place);
            if !at_this_place.into_iter().any(|other| *other == problem) {
                unique.push(problem);
            }
        }
        unique
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        self.0.extend(problems);
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_come_in_the_order_of_the_file_and_once() {
        let at = |start| Problem::at(Place { start, end: start + 1 }, "wrong", "");
        let other = Problem { message: "also wrong".to_owned(), ..at(3) };
        let mut problems = Problems::new();
        problems.extend([at(9), at(3), other.clone(), at(3), Problem::new("all wrong")]);
        assert_eq!(problems.into_sorted(), [Problem::new("all wrong"), at(3), other, at(9)]);
    }
}
