//! Where the other reports are: the last words of a command that has written files.

use crate::layout::{left, width};
use crate::look::{Ink, Look};
use crate::page::Page;

/// A line for each file: what it is (`page`, `junit`), and its path as the user would name it. Paths stay in one piece.
/// Empty without files.
///
/// ```text
///   page   out/report.html
///   junit  out/junit.xml
/// ```
pub fn written(files: &[(&str, &str)], look: Look) -> String {
    let columns = files.iter().map(|(kind, _)| width(kind)).max().unwrap_or(0);
    let mut page = Page::new(look);
    for (kind, path) in files {
        page.line(&[
            (Ink::Text, "  "),
            (Ink::Dim, &left(kind, columns)),
            (Ink::Text, "  "),
            (Ink::Text, path),
        ]);
    }
    page.into_text()
}
