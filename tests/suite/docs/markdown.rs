//! Just as much Markdown as pages need to be checked: headings and fenced blocks.

const FENCE: &str = "```";

/// A fenced block.
pub(crate) struct Block<'a> {
    pub(crate) language: &'a str,
    pub(crate) text: String,
    /// The line of its first line of text, from 1.
    pub(crate) line: usize,
}

/// The fenced blocks of a page.
pub(crate) fn blocks(page: &str) -> impl Iterator<Item = Block<'_>> {
    let mut lines = page.lines().zip(1..);
    std::iter::from_fn(move || {
        let (language, line) =
            lines.by_ref().find_map(|(text, line)| Some((text.strip_prefix(FENCE)?, line)))?;
        let text = lines.by_ref().map(|(text, _)| text).take_while(|text| !text.starts_with(FENCE));
        Some(Block { language, text: text.map(|text| format!("{text}\n")).collect(), line: line + 1 })
    })
}

/// The lines of a page, each with the level of the heading that it is; 0 for what is none.
fn levelled(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    page.lines().map(move |line| {
        fenced ^= line.starts_with(FENCE);
        let marks = line.len() - line.trim_start_matches('#').len();
        let is_heading = !fenced && line[marks..].starts_with(' ');
        (if is_heading { marks } else { 0 }, line)
    })
}

/// The level of the last heading of `page`.
pub(crate) fn level_at(page: &str) -> usize {
    levelled(page).map(|(level, _)| level).filter(|level| *level > 0).last().unwrap_or(0)
}

/// What stands under the heading `title`, up to the next one of its level.
pub(crate) fn section(page: &str, title: &str) -> String {
    let level = title.len() - title.trim_start_matches('#').len();
    let inside = levelled(page).skip_while(|(_, line)| *line != title).skip(1);
    let inside = inside.take_while(|(found, _)| *found == 0 || *found > level);
    inside.map(|(_, line)| format!("{line}\n")).collect()
}

/// `page` as part of a longer one, under a heading of level `level`: its own title is left out, its other headings
/// are moved just below that level.
pub(crate) fn below_heading(page: &str, level: usize) -> String {
    let body: Vec<_> = levelled(page.trim_start()).skip_while(|(level, _)| *level == 1).collect();
    let highest = body.iter().map(|(level, _)| *level).filter(|level| *level > 0).min().unwrap_or(0);
    let line = |(own, line): &(usize, &str)| match own {
        0 => format!("{line}\n"),
        own => format!("{}{}\n", "#".repeat(level + 1 + own - highest), &line[*own..]),
    };
    body.iter().map(line).collect()
}
