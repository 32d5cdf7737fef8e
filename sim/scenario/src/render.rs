//! Shows problems in the author's own text, the way rustc does.
//!
//! Everything shown comes from a file, so nothing of it can be trusted: control characters are made visible, long texts
//! are cut, and a file with thousands of problems shows the first of them only.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::{Place, Problem, Source};

/// How many problems are shown at most.
const MOST: usize = 50;
/// How many characters of a message are shown at most; the author's own words may be in it, at any length.
const LONGEST: usize = 400;
/// Wide enough for real lines; longer ones are cut around the caret.
const COLUMNS: usize = 140;

/// How text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without escape sequences: for files, pipes and golden tests.
    Plain,
    /// With ANSI colours: for terminals.
    Coloured,
}

/// The problems one below the other, each with its line, a caret and its repair, an empty line between them and a line
/// feed at the end. Of more than 50 problems, the first 50 and the number of the others. Empty if there are none.
pub fn render(source: &Source, problems: &[Problem], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    }
    .term_width(COLUMNS);
    let mut shown: Vec<String> =
        problems.iter().take(MOST).map(|problem| renderer.render(&[group(source, problem)])).collect();
    if problems.len() > MOST {
        let rest = format!("{} more problems are not shown", problems.len() - MOST);
        shown.push(renderer.render(&[Group::with_title(Level::NOTE.primary_title(rest))]));
    }
    shown.iter().map(|text| format!("{}\n", text.trim_end())).collect::<Vec<_>>().join("\n")
}

fn group<'a>(source: &'a Source, problem: &'a Problem) -> Group<'a> {
    let title = Level::ERROR.primary_title(visible(&problem.message));
    let group = match problem.place {
        None => title.element(Origin::path(visible(source.name()))),
        Some(place) => title.element(snippet(source, problem, place)),
    };
    match &problem.help {
        None => group,
        Some(help) => group.element(Level::HELP.message(visible(help))),
    }
}

fn snippet<'a>(
    source: &'a Source,
    problem: &'a Problem,
    place: Place,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let primary = AnnotationKind::Primary.span(on_its_line(source, place)).label(visible(&problem.label));
    let others = problem.also.iter().filter(|(other, _)| *other != place);
    Snippet::source(source.text()).path(visible(source.name())).annotation(primary).annotations(others.map(
        |(other, label)| AnnotationKind::Context.span(on_its_line(source, *other)).label(visible(label)),
    ))
}

/// The part of `place` that is on its first line, within the text and between characters.
fn on_its_line(source: &Source, place: Place) -> std::ops::Range<usize> {
    let text = source.text();
    let start = text.floor_char_boundary(place.start);
    let end = text.ceil_char_boundary(place.end.max(start));
    let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
    start..start + text[start..line_end].trim_end().len()
}

fn visible(text: &str) -> String {
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        match c {
            _ if index == LONGEST => {
                shown.push('…');
                break;
            }
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, problem: Problem, expected: &str) {
        let shown = render(&Source::new("dir/file.yaml", text), &[problem], Style::Plain);
        assert_eq!(shown.trim_end(), expected.trim_matches('\n'), "\n{shown}");
    }

    #[test]
    fn a_problem_shows_its_line_a_caret_and_the_repair() {
        check(
            "a: 1\nwiat: 5m # soon\n",
            Problem::at(Place { start: 5, end: 9 }, "unknown key `wiat`", "not a key")
                .help("did you mean `wait`?"),
            "
error: unknown key `wiat`
 --> dir/file.yaml:2:1
  |
2 | wiat: 5m # soon
  | ^^^^ not a key
  |
  = help: did you mean `wait`?",
        );
    }

    #[test]
    fn a_second_place_is_shown_with_its_own_words() {
        check(
            "a: 1\nb: 2\nb2: 2\nb3: 2\nb4: 2\na: 3\n",
            Problem::at(Place { start: 28, end: 29 }, "`a` is written twice", "again here")
                .also(Place { start: 0, end: 1 }, "first here"),
            "
error: `a` is written twice
 --> dir/file.yaml:6:1
  |
1 | a: 1
  | - first here
...
6 | a: 3
  | ^ again here",
        );
    }

    #[test]
    fn a_problem_without_a_place_names_the_file() {
        check("", Problem::new("there is no such file"), "\nerror: there is no such file\n--> dir/file.yaml");
    }

    #[test]
    fn a_place_of_many_lines_shows_its_first() {
        check(
            "a:\n  b: 1\n  c: 2\n",
            Problem::at(Place { start: 5, end: 16 }, "needs `d`", "`d` is missing"),
            "
error: needs `d`
 --> dir/file.yaml:2:3
  |
2 |   b: 1
  |   ^^^^ `d` is missing",
        );
    }

    #[test]
    fn nothing_from_a_file_reaches_the_terminal_raw() {
        let source = Source::new("a\x1b[31m.yaml", "a: \x1b[31mred\n");
        let problem = Problem::at(Place { start: 3, end: 9 }, "\x1b[31m", "\x1b]0;x\x07").help("a\u{9b}b");
        let shown = render(&source, &[problem], Style::Plain);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    }

    #[test]
    fn thousands_of_problems_are_not_all_shown() {
        let source = Source::new("file.yaml", "a: 1\n");
        let problems = vec![Problem::at(Place { start: 0, end: 1 }, "wrong", ""); 10_000];
        let shown = render(&source, &problems, Style::Plain);
        assert_eq!(shown.matches("error: wrong").count(), MOST);
        assert!(shown.ends_with("note: 9950 more problems are not shown\n"), "{shown}");
    }
}
