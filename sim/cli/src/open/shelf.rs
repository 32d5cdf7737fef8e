//! What is in the folder, and what of it is handed out: the files that runs and reports leave, by their names, and nothing
//! else, because the folder may be any, and hold anything.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

/// The files that are handed out, and what they are.
const FILES: [(&str, &str); 13] = [
    ("report.html", "text/html; charset=utf-8"),
    ("suite.json", "application/json"),
    ("run.json", "application/json"),
    ("report.json", "application/json"),
    ("attempts.jsonl", "text/plain; charset=utf-8"),
    ("receipts.jsonl", "text/plain; charset=utf-8"),
    ("attempts.jsonl.zst", "application/zstd"),
    ("receipts.jsonl.zst", "application/zstd"),
    ("dialogues.jsonl.zst", "application/zstd"),
    ("attempts.parquet", "application/octet-stream"),
    ("metrics.csv", "text/csv; charset=utf-8"),
    ("junit.xml", "application/xml"),
    ("report.md", "text/plain; charset=utf-8"),
];

/// The scenario beside its record. Elsewhere, a file of this name is somebody's own.
const SCENARIO: (&str, &str) = ("scenario.yaml", "text/plain; charset=utf-8");

/// How much of a file is read at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// A folder that is shown.
#[derive(Debug)]
pub(super) struct Shelf {
    /// As the user named it.
    named: PathBuf,
    /// As the operating system knows it, without links.
    root: PathBuf,
}

impl Shelf {
    /// The folder of this name.
    ///
    /// # Errors
    /// There is none, or it cannot be looked into.
    pub(super) fn of(named: &Path) -> io::Result<Self> {
        Ok(Self { named: named.to_owned(), root: fs::canonicalize(named)? })
    }

    /// What the user calls it.
    pub(super) fn name(&self) -> std::path::Display<'_> {
        self.named.display()
    }

    /// The folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where `path` leads to, if that is inside the folder: no step upwards, no hidden name, and no link that leads out.
    /// The file itself need not be there.
    pub(super) fn inside(&self, path: &Path) -> Option<PathBuf> {
        let plain = path.components().all(|part| match part {
            Component::Normal(name) => {
                let name = name.to_string_lossy();
                !name.starts_with('.') && !name.contains(['\\', '\0', ':'])
            }
            Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => false,
        });
        let whole = self.root.join(path);
        let (folder, name) = (whole.parent()?, whole.file_name().filter(|_| plain)?);
        let folder = fs::canonicalize(folder).ok().filter(|folder| folder.starts_with(&self.root))?;
        Some(folder.join(name))
    }

    /// The file at `inside`, if it is there and one of those that are handed out.
    pub(super) fn file(&self, inside: &Path) -> Option<Response> {
        let name = inside.file_name()?.to_str()?;
        let scenario = inside.with_file_name(record::files::RUN).is_file().then_some(SCENARIO);
        let (_, kind) = FILES.into_iter().chain(scenario).find(|(known, _)| *known == name)?;
        let whole = fs::canonicalize(inside).ok().filter(|whole| whole.starts_with(&self.root))?;
        let file = File::open(whole).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        let mut response = Body::from_stream(pieces(file)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        Some(response)
    }
}

/// A file, piece by piece: records can be large.
fn pieces(file: File) -> impl stream::Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
    stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece) {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(piece), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}
