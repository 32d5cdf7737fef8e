//! A difference for programs: one versioned JSON document, described in `docs/record-format.md`.

use serde::Serialize;

use super::Difference;

/// The version of the document. It grows by one when a reader of the old one could misread the new one.
const DIFFERENCE_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    tool: &'static str,
    differ: bool,
    #[serde(flatten)]
    difference: &'a Difference,
}

/// The JSON document, with a line end. The same difference gives the same bytes.
pub fn render(difference: &Difference) -> String {
    let document = Document {
        format: DIFFERENCE_VERSION,
        tool: record::files::TOOL,
        differ: !difference.is_empty(),
        difference,
    };
    // Text and numbers: nothing that JSON could not hold.
    serde_json::to_string_pretty(&document).expect("a difference can be written as JSON") + "\n"
}
