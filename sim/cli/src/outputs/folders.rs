//! Which folder below the output folder a record goes into.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Exit, Streams, discover};

/// The output folder itself for a single scenario, else the path of each scenario below it, without its suffix and without
/// what leads to the root or upwards. Names that are not UTF-8 are made so: the manifest has to name them.
pub(crate) fn of_records<'a>(
    folder: &Path,
    files: impl Iterator<Item = &'a Path>,
) -> Result<BTreeMap<PathBuf, PathBuf>, Shared> {
    let mut owners: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for file in files {
        let plain = if discover::has_suffix(file) { file.with_extension("") } else { file.to_owned() };
        let own = folder.join(record::files::below(&plain));
        if let Some(other) = owners.insert(own.clone(), file.to_owned()) {
            return Err(Shared { folder: own, files: [other, file.to_owned()] });
        }
    }
    let single = owners.len() == 1;
    Ok(owners.into_iter().map(|(own, file)| (file, if single { folder.to_owned() } else { own })).collect())
}

/// Two scenarios whose records would overwrite each other.
pub(crate) struct Shared {
    pub(crate) folder: PathBuf,
    pub(crate) files: [PathBuf; 2],
}

impl Shared {
    pub(crate) fn refuse(&self, streams: &mut Streams<'_>) -> Exit {
        let [one, other] = self.files.each_ref().map(|file| file.display());
        let folder = self.folder.display();
        let words = format!(
            "the records of `{one}` and `{other}` would both go into `{folder}`\n  \
             nothing was run; run one after the other, each with an --out of its own"
        );
        streams.fail(Exit::Usage, words)
    }
}
