//! The reports for the pages of a CI system: Markdown and GitHub's annotations.

use reports::{Case, Suite, github, markdown};

use crate::golden::check;
use crate::machines::everything;
use crate::sample::{held, ran, record, refused, silent, suite};

#[test]
fn the_markdown_says_first_what_did_not_hold() {
    check("suite.md", &markdown::render(&everything()));
    check("held.md", &markdown::render(&suite([ran(&held("gmail on a normal day", 18_750))])));
}

#[test]
fn markdown_that_fits_leaves_nothing_out() {
    let suite = everything();
    let whole = markdown::render(&suite);
    assert_eq!(markdown::render_within(&suite, whole.len() + 1000), whole);
}

#[test]
fn markdown_keeps_to_a_limit_and_says_what_it_left_out() {
    let suite = suite((0..200).map(|_| ran(&record())));
    for bytes in [1_000, 5_000, 20_000, 60_000] {
        let text = markdown::render_within(&suite, bytes);
        assert!(text.len() <= bytes, "{} of {bytes}", text.len());
        assert!(text.contains("Left out") && text.starts_with("## ❌"), "{text}");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert!(text.matches("```").count().is_multiple_of(2), "{text}");
    }
}

#[test]
fn annotations_stand_beside_the_lines() {
    check("annotations.txt", &github::annotations(&everything()));
    assert_eq!(github::annotations(&suite([ran(&held("x", 1))])), "");
}

#[test]
fn the_tenth_annotation_says_how_many_there_are() {
    let count = |suite: &Suite, level: &str| {
        let text = github::annotations(suite);
        let shown: Vec<_> = text.lines().filter(|line| line.starts_with(level)).map(str::to_owned).collect();
        (shown.len(), shown.last().cloned().unwrap_or_default())
    };
    let many = |case: Case, times| suite(std::iter::repeat_n(case, times));
    assert_eq!(count(&many(refused(), 10), "::error ").0, 10);
    let (shown, last) = count(&many(refused(), 23), "::error ");
    assert_eq!((shown, last.contains("title=and 14 more::")), (10, true), "{last}");
    let (shown, last) = count(&many(ran(&silent()).into(), 11), "::warning ");
    assert_eq!((shown, last.contains("title=and 2 more::")), (10, true), "{last}");
}
