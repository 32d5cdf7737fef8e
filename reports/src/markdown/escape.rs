//! Foreign text in GitHub's Markdown: no markup of it is obeyed, nothing becomes a link, and nobody is mentioned.
//!
//! A backslash is enough for what Markdown reads. GitHub looks for people (`@name`), issues (`#1`) and addresses in the text that
//! comes of it, where backslashes are gone; an empty comment after the telling character takes the word apart for it.

use crate::foreign::{clean, clean_lines};
use crate::layout::shorten;

/// No text is longer than so many columns: whoever wants all of it reads the record.
const LONGEST: usize = 600;

/// `text` within a line or a cell of a table.
pub(super) fn plain(text: &str) -> String {
    let text = shorten(clean(text).trim(), LONGEST);
    let mut escaped = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => {
                escaped.extend(['\\', character]);
            }
            '-' | '+' | '=' if at == 0 => escaped.extend(['\\', character]),
            '.' | ')' if text[..at].bytes().all(|byte| byte.is_ascii_digit()) => {
                escaped.extend(['\\', character]);
            }
            '@' | '#' => escaped.extend([character, APART]),
            ':' if text[at..].starts_with("://") => escaped.extend([character, APART]),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => escaped.extend([APART, character]),
            _ => escaped.push(character),
        }
    }
    escaped.replace(APART, "<!-- -->")
}

/// Stands for an empty comment; cleaned text has no such character.
const APART: char = '\0';

/// `text` as it stands, in the letters of a typewriter, within a line; in a table it is [`code_in_cell`].
pub(super) fn code(text: &str) -> String {
    fenced(&shorten(&clean(text), LONGEST))
}

/// The same within a cell of a table, which sees a pipe even there, unless it is behind a backslash; and behind two of them
/// it sees it again.
pub(super) fn code_in_cell(text: &str) -> String {
    let text = shorten(&clean(text), LONGEST);
    fenced(&text.replace("\\|", "\\¦").replace('|', "\\|"))
}

fn fenced(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ', '\\']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines in a block of their own, as they stand; `language` is for colours.
pub(super) fn block(language: &str, text: &str) -> String {
    let text = clean_lines(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// The longest row of backticks in it.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_stays_text() {
        let check = |text, escaped| assert_eq!(plain(text), escaped);
        check("delivered >= 99% by 6h", "delivered \\>= 99% by 6h");
        check("a|b \\| <b>*x*</b> `y`", "a\\|b \\\\\\| \\<b\\>\\*x\\*\\</b\\> \\`y\\`");
        check("[x](http://a.test)", "\\[x\\](http:<!-- -->//a.test)");
        check("@octocat #1", "@<!-- -->octocat #<!-- -->1");
        check("ann@bigbox.test", "ann@<!-- -->bigbox.test");
        check("see WWW.example.test", "see WWW<!-- -->.example.test");
        check("- a list", "\\- a list");
        check("1. a list", "1\\. a list");
        check("12) a list", "12\\) a list");
        check("2 soft, 1.5 a", "2 soft, 1.5 a");
        check("a\n# b", "a␊#<!-- --> b");
    }

    #[test]
    fn code_stays_code() {
        let check = |text, escaped| assert_eq!(code(text), escaped);
        check("", "");
        check("sent == 5", "`sent == 5`");
        check("a`b", "``a`b``");
        check("`", "`` ` ``");
        check("a\n``b", "```a␊``b```");
        check("a|b", "`a|b`");
        check("a\\|b", "`a\\|b`");
        let check = |text, escaped| assert_eq!(code_in_cell(text), escaped);
        check("a`b", "``a`b``");
        check("a|b", "`a\\|b`");
        check("a\\|b", "`a\\¦b`");
    }

    #[test]
    fn a_block_ends_where_it_should() {
        assert_eq!(block("sh", "a\n```\nb\n"), "````sh\na\n```\nb\n````\n");
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_cell(text in any::<String>()) {
            for cell in [plain(&text), code_in_cell(&text)] {
                prop_assert!(!cell.contains('\n'));
                let bare = cell.replace("\\\\", "").replace("\\|", "");
                prop_assert!(!bare.contains('|'), "{cell}");
            }
        }
    }
}
