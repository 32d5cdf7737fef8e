//! The attempts as Parquet; with the feature of that name (`cargo test -p reports --features parquet`), what is written is read back.

use reports::parquet;

use crate::sample::record;

#[cfg(not(feature = "parquet"))]
#[test]
fn without_the_feature_it_says_how_to_get_it() {
    let error = parquet::attempts(&record()).unwrap_err();
    assert_eq!(parquet::available(), Err(error));
    assert!(error.to_string().contains("cargo install --path sim/cli --features parquet"), "{error}");
}

#[cfg(feature = "parquet")]
mod written {
    use std::fs::{self, File};
    use std::path::Path;

    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::{Field, RowAccessor as _};
    use record::{EventKind, Record};

    use super::*;
    use crate::golden::check;

    /// Reads the file that `record` becomes; `name` is that of the test.
    fn reader(record: &Record, name: &str) -> SerializedFileReader<File> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("parquet");
        fs::write(&path, parquet::attempts(record).unwrap()).unwrap();
        SerializedFileReader::new(File::open(path).unwrap()).unwrap()
    }

    /// A line a row, a cell a column.
    fn table(reader: &SerializedFileReader<File>) -> String {
        let rows = reader.get_row_iter(None).unwrap();
        let line = |row: ::parquet::record::Row| {
            let cells: Vec<_> =
                row.get_column_iter().map(|(name, cell)| format!("{name}={}", shown(cell))).collect();
            cells.join("  ") + "\n"
        };
        rows.map(|row| line(row.unwrap())).collect()
    }

    fn shown(cell: &Field) -> String {
        match cell {
            Field::Str(text) => format!("{text:?}"),
            other => other.to_string(),
        }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let table = table(&reader(&record(), "what_was_written"));
        // Gus was throttled forty times, which is only counted.
        let lines: Vec<_> = table.lines().filter(|line| !line.contains("gus@")).collect();
        check("attempts.parquet.txt", &(lines.join("\n") + "\n"));
        assert_eq!(
            table.lines().filter(|line| line.contains("gus@") && line.contains("counted=false")).count(),
            40
        );
    }

    #[test]
    fn the_same_record_gives_the_same_bytes() {
        assert_eq!(parquet::attempts(&record()), parquet::attempts(&record()));
    }

    #[test]
    fn every_attempt_that_ended_is_there() {
        let mut record = record();
        let once = record.events.clone();
        for _ in 0..3_000 {
            record.events.extend(&once);
        }
        let ended = |kind| matches!(kind, EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. });
        let ended = record.events.iter().filter(|event| ended(event.kind)).count();
        let reader = reader(&record, "every_attempt");
        let metadata = reader.metadata();
        assert!(metadata.num_row_groups() > 1);
        assert_eq!(metadata.file_metadata().num_rows(), ended as i64);
        let last = reader.get_row_iter(None).unwrap().last().unwrap().unwrap();
        assert_eq!(last.get_string(3).unwrap(), "bob@northmail.test");
    }
}
