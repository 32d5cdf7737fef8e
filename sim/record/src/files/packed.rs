//! The long lists, packed: a Zstandard frame around JSON lines.
//!
//! Any tool that knows `.zst` reads them (`zstdcat`, DuckDB, pandas). One thread and no time in the frame, so that the same
//! lines give the same bytes; a checksum, so that no damage passes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};

use zstd::stream::{read::Decoder, write::Encoder};

/// Zstandard's own default: an eighth of the size at next to no time.
const LEVEL: i32 = 3;

/// The biggest window (2 to the power of this, in bytes) that a file may ask for: far more than the writer's level uses. What
/// asks for more was not written here.
const MAX_WINDOW_LOG: u32 = 23;

const BUFFER_BYTES: usize = 256 * 1024;

/// Creates the file anew and fills it.
pub(super) fn write(
    file: File,
    content: impl FnOnce(&mut BufWriter<Encoder<'static, File>>) -> io::Result<()>,
) -> io::Result<()> {
    let mut encoder = Encoder::new(file, LEVEL)?;
    encoder.include_checksum(true)?;
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, encoder);
    content(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.flush()
}

/// The lines of a packed file, as they come.
pub(super) type Unpacked = BufReader<Decoder<'static, BufReader<File>>>;

/// Begins to read a packed file.
pub(super) fn open(file: File) -> io::Result<Unpacked> {
    let mut decoder = Decoder::new(file)?;
    decoder.window_log_max(MAX_WINDOW_LOG)?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, decoder))
}

/// What is wrong with the packing, if that is what failed and not the operating system.
pub(super) fn damage(error: &io::Error) -> Option<String> {
    match (error.raw_os_error(), error.kind()) {
        (Some(_), _) => None,
        (None, io::ErrorKind::UnexpectedEof) => Some("the file ends in the middle".to_owned()),
        (None, _) => Some(format!("it cannot be unpacked ({error})")),
    }
}
