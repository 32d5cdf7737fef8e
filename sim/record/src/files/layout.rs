//! The layout of `run.json`: a key a line, and within a table a row a line.
//!
//! serde_json's own pretty printer would give every field its line, half a million lines for a large audience.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Breaks lines in the outermost object and in the arrays directly below it; everything deeper stays in its row.
#[derive(Debug, Default)]
pub(super) struct RowPerLine {
    depth: usize,
    filled: bool,
}

const FIELD: usize = 1;
const ROW: usize = 2;

impl RowPerLine {
    fn open(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn item(&self, out: &mut (impl Write + ?Sized), first: bool, broken_at: usize) -> io::Result<()> {
        out.write_all(match (self.depth == broken_at, first) {
            (true, true) => b"\n",
            (true, false) => b",\n",
            (false, true) => b"",
            (false, false) => b", ",
        })?;
        if self.depth == broken_at { self.indent(out) } else { Ok(()) }
    }

    fn close(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8], broken_at: usize) -> io::Result<()> {
        let broken = self.depth == broken_at && self.filled;
        self.depth -= 1;
        if broken {
            out.write_all(b"\n")?;
            self.indent(out)?;
        }
        self.filled = true;
        out.write_all(bracket)
    }

    fn indent(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for RowPerLine {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]", ROW)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first, ROW)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}", FIELD)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first, FIELD)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::Serializer;

    use super::*;

    #[derive(Serialize)]
    struct Sheet {
        name: &'static str,
        lines: BTreeMap<&'static str, u32>,
        none: [u32; 0],
        rows: Vec<BTreeMap<&'static str, Vec<u32>>>,
    }

    #[test]
    fn a_key_a_line_and_a_row_a_line() {
        let row = BTreeMap::from([("a", vec![1, 2]), ("b", vec![])]);
        let sheet = Sheet {
            name: "x",
            lines: BTreeMap::from([("k", 1), ("l", 2)]),
            none: [],
            rows: vec![row.clone(), row],
        };
        let mut out = Vec::new();
        sheet.serialize(&mut Serializer::with_formatter(&mut out, RowPerLine::default())).unwrap();
        let expected = concat!(
            "{\n",
            "  \"name\": \"x\",\n",
            "  \"lines\": {\"k\": 1, \"l\": 2},\n",
            "  \"none\": [],\n",
            "  \"rows\": [\n",
            "    {\"a\": [1, 2], \"b\": []},\n",
            "    {\"a\": [1, 2], \"b\": []}\n",
            "  ]\n",
            "}",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
