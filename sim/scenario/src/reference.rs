//! The reference of everything that can be written, as Markdown.
//!
//! Made from the same tables that files are read by, so that it cannot say anything else.

use std::fmt::Write;

use crate::{Definition, Field, Vocabulary, skeleton};

/// The reference: a section for each part of the skeleton, one for conditions, then one for each behaviour. Headings are of
/// the third level under three of the second, so that it can be put into a longer page.
pub fn reference(vocabulary: &Vocabulary) -> String {
    let mut out = String::from("## Keys\n");
    for definition in skeleton::ALL {
        section(&mut out, definition);
    }
    out.push_str("\n## Conditions\n");
    vocabulary.when.iter().for_each(|definition| section(&mut out, definition));
    out.push_str("\n## Behaviours\n");
    for definition in &vocabulary.behaviours {
        section(&mut out, definition);
    }
    out
}

fn section(out: &mut String, definition: &Definition) {
    let Definition { key, about, kind, fields, example } = definition;
    let title = match key.split_once(": ") {
        Some((key, part)) => format!("`{key}`: {part}"),
        None => format!("`{key}`"),
    };
    // Writing to a string cannot fail.
    let _ = write!(out, "\n### {title}\n\n{about}\n\nWritten as: {kind}.\n");
    if !fields.is_empty() {
        out.push_str("\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n");
        fields.iter().for_each(|field| row(out, field));
    }
    let _ = write!(out, "\n```yaml\n{}\n```\n", example.trim_end());
}

fn row(out: &mut String, field: &Field) {
    let default = match (field.required, field.default) {
        (true, _) => "required",
        (false, Some(default)) => default,
        (false, None) => "",
    };
    // A bar would end the cell.
    let cell = |text: &str| text.replace('|', "\\|");
    let _ = writeln!(
        out,
        "| `{}` | {} | {} | {} |",
        field.name,
        cell(field.kind),
        cell(default),
        cell(field.about)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_becomes_a_section() {
        let definition = Definition {
            key: "greylist",
            about: "Refuses a triplet until it has waited.",
            kind: "map",
            fields: &[
                Field { name: "wait", kind: "duration", about: "a | b.", default: None, required: true },
                Field {
                    name: "remember",
                    kind: "duration",
                    about: "Long.",
                    default: Some("35d"),
                    required: false,
                },
                Field { name: "mask", kind: "text", about: "Mask.", default: None, required: false },
            ],
            example: "greylist: { wait: 5m }\n",
        };
        let mut out = String::new();
        section(&mut out, &definition);
        let expected = "
### `greylist`

Refuses a triplet until it has waited.

Written as: map.

| Key | Value | Default | Meaning |
|---|---|---|---|
| `wait` | duration | required | a \\| b. |
| `remember` | duration | 35d | Long. |
| `mask` | text |  | Mask. |

```yaml
greylist: { wait: 5m }
```
";
        assert_eq!(out, expected);
    }

    #[test]
    fn the_reference_has_every_key() {
        let out = reference(&Vocabulary::default());
        for field in skeleton::ALL.iter().flat_map(|definition| definition.fields) {
            assert!(out.contains(&format!("| `{}` |", field.name)), "{}", field.name);
        }
    }
}
