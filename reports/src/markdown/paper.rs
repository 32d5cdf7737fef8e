//! Paper of a limited size: what does not fit whole is left out and counted.

use crate::wording::counted;

/// A text in the making that keeps to a size.
pub(super) struct Paper {
    text: String,
    bytes: usize,
    left_out: Vec<(u64, &'static str)>,
}

/// Room that is kept for saying what was left out.
const LAST_WORDS_BYTES: usize = 400;

impl Paper {
    /// For a text of at most so many bytes (a thousand are the least).
    pub(super) fn of(bytes: usize) -> Self {
        Self { text: String::new(), bytes: bytes.saturating_sub(LAST_WORDS_BYTES), left_out: Vec::new() }
    }

    /// One thing; it counts as a `noun` if there is no room for it.
    pub(super) fn put(&mut self, text: &str, noun: &'static str) {
        self.put_all(["", ""], [text.to_owned()], noun);
    }

    /// As many of the `items` as there is room for between `head` and `tail`; none of the three if there is none, or if
    /// there are no items.
    pub(super) fn put_all(
        &mut self,
        [head, tail]: [&str; 2],
        items: impl IntoIterator<Item = String>,
        noun: &'static str,
    ) {
        let mut room = self.bytes.saturating_sub(self.text.len() + head.len() + tail.len());
        let (mut begun, mut missed) = (false, 0);
        for item in items {
            // Once something was left out, so is what follows: the order of what is there has no gaps.
            if missed > 0 || item.len() > room {
                missed += 1;
                continue;
            }
            room -= item.len();
            if !begun {
                self.text.push_str(head);
                begun = true;
            }
            self.text.push_str(&item);
        }
        if begun {
            self.text.push_str(tail);
        }
        if missed > 0 {
            self.left_out.push((missed, noun));
        }
    }

    /// The text, and what was left out of it.
    pub(super) fn into_text(mut self) -> String {
        if !self.left_out.is_empty() {
            let parts: Vec<_> = self.left_out.iter().map(|(count, noun)| counted(*count, noun)).collect();
            let parts = parts.join(", ");
            self.text.push_str(&format!(
                "\n> **Left out, because this place takes no more:** {parts}. The other reports have them.\n"
            ));
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut paper = Paper::of(LAST_WORDS_BYTES + 10);
        let items = ["one ", "three", "x"].map(str::to_owned);
        paper.put_all(["<", ">"], items, "item");
        paper.put("y", "thing");
        let text = paper.into_text();
        assert_eq!(text.lines().next(), Some("<one >y"), "{text}");
        assert!(text.contains("2 items. The"), "{text}");
    }

    #[test]
    fn without_items_there_is_no_frame() {
        let mut paper = Paper::of(usize::MAX);
        paper.put_all(["<", ">"], [], "item");
        assert_eq!(paper.into_text(), "");
    }
}
