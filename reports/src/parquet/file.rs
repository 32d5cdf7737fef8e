//! The file: row groups of a limited size, so that memory is needed for a few columns at a time, and nothing in it that
//! differs from machine to machine.

use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::data_type::{BoolType, ByteArrayType, DataType, Int32Type, Int64Type};
use ::parquet::errors::Result;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::ColumnPath;
use record::Record;

use super::PARQUET_VERSION;
use super::columns::{COLUMNS, Cells, Column, Need, Words};
use super::rows::{Row, Rows};
use crate::wording;

/// Rows in a group.
const GROUP_ROWS: usize = 128 * 1024;

/// The bytes of the file.
pub(super) fn of(record: &Record) -> Result<Vec<u8>> {
    let declarations: String = COLUMNS.iter().map(Column::declaration).collect();
    let schema = parse_message_type(&format!("message attempts {{ {declarations} }}"))?;
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties(record)))?;
    let words = Words::of(record);
    let mut rows = Rows::of(record);
    loop {
        let group: Vec<Row> = rows.by_ref().take(GROUP_ROWS).collect();
        if group.is_empty() {
            break;
        }
        let mut group_writer = writer.next_row_group()?;
        for column in &COLUMNS {
            if let Some(mut to) = group_writer.next_column()? {
                write(column, &words, record.seed, &group, &mut to)?;
                to.close()?;
            }
        }
        group_writer.close()?;
    }
    writer.into_inner()
}

fn properties(record: &Record) -> WriterProperties {
    let about = [
        ("bouncelab:format", PARQUET_VERSION.to_string()),
        ("bouncelab:digest", wording::digest(record.digest)),
    ];
    let about = about.map(|(key, value)| KeyValue::new(key.to_owned(), value));
    let moments = COLUMNS.iter().filter(|column| matches!(column.cells, Cells::Moment(_)));
    let builder = WriterProperties::builder()
        .set_created_by(record::files::TOOL.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(about.into()));
    // Moments are nearly all different, and in order.
    let builder = moments.fold(builder, |builder, column| {
        let path = ColumnPath::from(column.name);
        builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
    });
    builder.build()
}

/// The cells of one column.
fn write(
    column: &Column,
    words: &Words,
    seed: u64,
    rows: &[Row],
    to: &mut SerializedColumnWriter<'_>,
) -> Result<()> {
    let need = column.need;
    match &column.cells {
        Cells::Words(cell) => fill::<ByteArrayType>(to, need, rows.iter().map(|row| cell(words, row))),
        Cells::Moment(cell) => {
            fill::<Int64Type>(to, need, rows.iter().map(|row| cell(row).map(u64::cast_signed)))
        }
        Cells::Seed => fill::<Int64Type>(to, need, rows.iter().map(|_| Some(seed.cast_signed()))),
        Cells::Number(cell) => {
            fill::<Int32Type>(to, need, rows.iter().map(|row| cell(words, row).map(u32::cast_signed)))
        }
        Cells::Truth(cell) => fill::<BoolType>(to, need, rows.iter().map(|row| Some(cell(row)))),
    }
}

fn fill<T: DataType>(
    to: &mut SerializedColumnWriter<'_>,
    need: Need,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<()> {
    let cells: Vec<_> = cells.collect();
    // 1: there is a value; 0: there is none.
    let levels: Option<Vec<i16>> =
        (need == Need::Optional).then(|| cells.iter().map(|cell| i16::from(cell.is_some())).collect());
    let values: Vec<_> = cells.into_iter().flatten().collect();
    to.typed::<T>().write_batch(&values, levels.as_deref(), None)?;
    Ok(())
}
