//! The data inside a page, as JSON that also stands safely inside `<script type="application/json">`.
//!
//! Written straight into one text, because a hundred thousand contacts as a tree of values would take more memory than the
//! record. Nothing that could end the element, open a comment or break a line in a script is left as it is.

/// Writes a text.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut done = 0;
    for (at, character) in text.char_indices() {
        let escaped = match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
                format!("\\u{:04x}", u32::from(character))
            }
            _ => continue,
        };
        out.push_str(&text[done..at]);
        out.push_str(&escaped);
        done = at + character.len_utf8();
    }
    out.push_str(&text[done..]);
    out.push('"');
}

/// Writes a number.
pub(crate) fn number(out: &mut String, number: impl Into<u64>) {
    out.push_str(&number.into().to_string());
}

/// Writes a list.
pub(crate) fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (index, one) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item(out, one);
    }
    out.push(']');
}

/// Writes an object, entry by entry, after a comma if need be.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    separator: char,
}

impl<'a> Object<'a> {
    /// An object without entries.
    pub(crate) const fn new(out: &'a mut String) -> Self {
        Self { out, separator: '{' }
    }

    /// Writes the name of the next entry; the value is the caller's.
    pub(crate) fn entry(&mut self, name: &str) -> &mut String {
        self.out.push(self.separator);
        self.separator = ',';
        string(self.out, name);
        self.out.push(':');
        self.out
    }

    /// Writes a text.
    pub(crate) fn string(&mut self, name: &str, text: &str) {
        string(self.entry(name), text);
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, name: &str, value: impl Into<u64>) {
        number(self.entry(name), value);
    }

    /// Writes a list of texts.
    pub(crate) fn strings<T: AsRef<str>>(&mut self, name: &str, texts: impl IntoIterator<Item = T>) {
        list(self.entry(name), texts, |out, text| string(out, text.as_ref()));
    }

    /// Writes a list of numbers.
    pub(crate) fn numbers<T: Into<u64>>(&mut self, name: &str, numbers: impl IntoIterator<Item = T>) {
        list(self.entry(name), numbers, number);
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        if self.separator == '{' {
            self.out.push('{');
        }
        self.out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_object_is_json() {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.string("name", "</script><!-- \u{2028}\0\"\\");
        object.numbers("numbers", [1_u32, 2]);
        Object::new(object.entry("empty")).end();
        object.end();
        assert!(!out.contains(['<', '>', '\u{2028}']), "{out}");
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["name"], "</script><!-- \u{2028}\0\"\\");
        assert_eq!(value["numbers"][1], 2);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let mut out = String::new();
            string(&mut out, &text);
            let acts = ['<', '>', '&', '\u{2028}', '\u{2029}'];
            prop_assert!(!out.contains(acts));
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
